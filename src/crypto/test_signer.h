// For tests only: fresh key pairs that sign as an identity provider does, so that no private key lies in the repository.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "crypto/jose.h"
#include "crypto/token.h"

namespace bulwark::crypto {

class TestSigner {
 public:
  explicit TestSigner(JoseAlgorithm algorithm) : algorithm_(algorithm) {
    EVP_PKEY* made = algorithm == JoseAlgorithm::rs256   ? EVP_RSA_gen(2048)
                     : algorithm == JoseAlgorithm::es256 ? EVP_EC_gen("P-256")
                                                         : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    CHECK(made != nullptr);
    key_ = {made, EVP_PKEY_free};
  }

  std::string sign(std::string_view message) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
    const EVP_MD* digest = algorithm_ == JoseAlgorithm::eddsa ? nullptr : EVP_sha256();
    CHECK(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1);
    std::string out(1024, '\0');
    std::size_t length = out.size();
    CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &length, bytes, message.size()) == 1);
    out.resize(length);
    return algorithm_ == JoseAlgorithm::es256 ? raw_pair(out) : out;
  }

  /// The public key as a JWK (RFC 7517) with kid and the members in `extra` (", \"use\":\"sig\"").
  std::string jwk(std::string_view kid, std::string_view extra = "") const {
    std::string out = "{\"kid\":\"" + std::string(kid) + "\"";
    if (algorithm_ == JoseAlgorithm::rs256)
      out += R"(,"kty":"RSA","n":")" + number("n") + R"(","e":")" + number("e") + "\"";
    else if (algorithm_ == JoseAlgorithm::es256)
      out += R"(,"kty":"EC","crv":"P-256","x":")" + number("qx", 32) + R"(","y":")" + number("qy", 32) + "\"";
    else
      out += R"(,"kty":"OKP","crv":"Ed25519","x":")" + base64url(raw_public()) + "\"";
    return out.append(extra).append("}");
  }

  /// A compact JWS over `payload` with `header` taken as it is.
  std::string token(std::string_view header, std::string_view payload) const {
    const std::string input = base64url(header) + "." + base64url(payload);
    return input + "." + base64url(sign(input));
  }
  std::string token(std::string_view payload, std::string_view kid, std::string_view typ) const {
    return token(
        R"({"alg":")" + std::string(to_string(algorithm_)) + R"(","kid":")" + std::string(kid) + R"(","typ":")" + std::string(typ) + "\"}",
        payload);
  }

  JoseAlgorithm algorithm() const { return algorithm_; }

 private:
  std::string number(const char* name, int width = 0) const {
    BIGNUM* value = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
    std::string bytes(static_cast<std::size_t>(width > 0 ? width : BN_num_bytes(value)), '\0');
    CHECK(BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) >= 0);
    BN_free(value);
    return base64url(bytes);
  }
  std::string raw_public() const {
    std::string bytes(32, '\0');
    std::size_t length = bytes.size();
    CHECK(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()), &length) == 1);
    return bytes;
  }
  static std::string raw_pair(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())),
                                                                     ECDSA_SIG_free);
    CHECK(pair != nullptr);
    std::string raw(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, 32) == 32);
    CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + 32, 32) == 32);
    return raw;
  }

  JoseAlgorithm algorithm_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace bulwark::crypto
