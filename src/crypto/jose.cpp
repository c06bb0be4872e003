// Builds public keys from JWK numbers and verifies RS256, ES256 and EdDSA signatures with OpenSSL's EVP interface.
#include "crypto/jose.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <string>

namespace bulwark::crypto {
namespace {

constexpr std::size_t kCoordinateBytes = 32;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Deleter<Free>>;

using Number = Owned<BIGNUM, BN_free>;
using ParamBuilder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

const std::uint8_t* bytes_of(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

Number number(std::string_view big_endian) { return Number(BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr)); }

Error bad_key(std::string_view what) {
  ERR_clear_error();
  return upstream_error(Code::invalid, std::string(what));
}

/// A checked public key of `type` made from `builder`'s parameters, or nullptr.
std::shared_ptr<EVP_PKEY> build(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  std::shared_ptr<EVP_PKEY> key(made, EVP_PKEY_free);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? key : nullptr;
}

/// r ‖ s as the DER sequence that OpenSSL reads; empty if the length is wrong.
std::string ecdsa_der(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return {};
  const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
  Number r = number(signature.substr(0, kCoordinateBytes));
  Number s = number(signature.substr(kCoordinateBytes));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();  // the pair owns them now
  (void)s.release();
  std::uint8_t* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

}  // namespace

std::string_view to_string(JoseAlgorithm algorithm) {
  switch (algorithm) {
    case JoseAlgorithm::rs256: return "RS256";
    case JoseAlgorithm::es256: return "ES256";
    case JoseAlgorithm::eddsa: return "EdDSA";
  }
  return "";
}

std::optional<JoseAlgorithm> jose_algorithm(std::string_view name) {
  for (const auto each : {JoseAlgorithm::rs256, JoseAlgorithm::es256, JoseAlgorithm::eddsa})
    if (name == to_string(each)) return each;
  return std::nullopt;
}

Result<VerifyKey> VerifyKey::rsa(std::string_view modulus, std::string_view exponent) {
  if (modulus.size() > kMaxRsaBits / 8 + 1 || exponent.empty() || exponent.size() > 8) return bad_key("RSA key out of bounds");
  const Number n = number(modulus);
  const Number e = number(exponent);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder) return bad_key("RSA key without memory");
  if (BN_num_bits(n.get()) < kMinRsaBits || BN_num_bits(n.get()) > kMaxRsaBits) return bad_key("RSA key shorter or longer than allowed");
  if (BN_is_odd(n.get()) == 0 || BN_is_odd(e.get()) == 0 || BN_is_one(e.get()) != 0) return bad_key("RSA key with impossible numbers");
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return bad_key("RSA key refused");
  auto key = build("RSA", builder.get());
  if (!key) return bad_key("RSA key refused");
  return VerifyKey(JoseAlgorithm::rs256, std::move(key));
}

Result<VerifyKey> VerifyKey::p256(std::string_view x, std::string_view y) {
  if (x.size() != kCoordinateBytes || y.size() != kCoordinateBytes) return bad_key("P-256 coordinate of a wrong length");
  const std::string point = std::string("\x04").append(x).append(y);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
    return bad_key("P-256 key refused");
  auto key = build("EC", builder.get());
  if (!key) return bad_key("P-256 key that is no point of the curve");
  return VerifyKey(JoseAlgorithm::es256, std::move(key));
}

Result<VerifyKey> VerifyKey::ed25519(std::string_view x) {
  if (x.size() != kCoordinateBytes) return bad_key("Ed25519 key of a wrong length");
  EVP_PKEY* made = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size());
  if (made == nullptr) return bad_key("Ed25519 key refused");
  return VerifyKey(JoseAlgorithm::eddsa, std::shared_ptr<EVP_PKEY>(made, EVP_PKEY_free));
}

bool VerifyKey::verify(std::string_view message, std::string_view signature) const {
  std::string der;
  if (algorithm_ == JoseAlgorithm::es256) {
    der = ecdsa_der(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const char* digest = algorithm_ == JoseAlgorithm::eddsa ? nullptr : "SHA256";
  const DigestContext context(EVP_MD_CTX_new());
  const bool good = context && EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key_.get(), nullptr) == 1 &&
                    EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
  if (!good) ERR_clear_error();  // left behind, it would be taken for the next TLS call's error on this thread
  return good;
}

}  // namespace bulwark::crypto
