// Signature verification: the RFC's own example, fresh keys of each kind, and everything that must not verify.
#include "crypto/jose.h"

#include <gtest/gtest.h>

#include "crypto/test_signer.h"

namespace bulwark::crypto {
namespace {

std::string bytes(std::string_view text) { return *base64url_decode(text); }

// RFC 7515 appendix A.3.
constexpr auto kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr auto kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr auto kInput =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr auto kSignature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

TEST(Jose, VerifiesTheExampleOfRfc7515) {
  const auto key = VerifyKey::p256(bytes(kX), bytes(kY));
  ASSERT_TRUE(key.ok());
  EXPECT_TRUE(key->verify(kInput, bytes(kSignature)));
  for (std::size_t bit : {0U, 100U, 300U, 511U}) {
    std::string forged = bytes(kSignature);
    forged[bit / 8] = static_cast<char>(forged[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(key->verify(kInput, forged)) << bit;
  }
}

TEST(Jose, EcdsaRefusesZeroAndDerForms) {
  const auto key = VerifyKey::p256(bytes(kX), bytes(kY));
  EXPECT_FALSE(key->verify(kInput, std::string(64, '\0')));  // CVE-2022-21449: r = s = 0
  EXPECT_FALSE(key->verify(kInput, bytes(kSignature) + '\0'));
  EXPECT_FALSE(key->verify(kInput, ""));
}

TEST(Jose, VerifiesWhatASignerOfEachKindSigns) {
  for (const auto algorithm : {JoseAlgorithm::rs256, JoseAlgorithm::es256, JoseAlgorithm::eddsa}) {
    const TestSigner signer(algorithm);
    const std::string jwk = signer.jwk("k");
    const auto member = [&jwk](const std::string& name) {
      const auto at = jwk.find("\"" + name + "\":\"") + name.size() + 4;
      return bytes(std::string_view(jwk).substr(at, jwk.find('"', at) - at));
    };
    const auto key = algorithm == JoseAlgorithm::rs256   ? VerifyKey::rsa(member("n"), member("e"))
                     : algorithm == JoseAlgorithm::es256 ? VerifyKey::p256(member("x"), member("y"))
                                                         : VerifyKey::ed25519(member("x"));
    ASSERT_TRUE(key.ok()) << to_string(algorithm);
    EXPECT_EQ(key->algorithm(), algorithm);
    EXPECT_TRUE(key->verify("message", signer.sign("message"))) << to_string(algorithm);
    EXPECT_FALSE(key->verify("massage", signer.sign("message"))) << to_string(algorithm);
    EXPECT_FALSE(key->verify("message", TestSigner(algorithm).sign("message"))) << to_string(algorithm);
  }
}

TEST(Jose, RefusesWeakAndImpossibleKeys) {
  EXPECT_FALSE(VerifyKey::rsa(std::string(128, '\xff'), std::string("\x01\x00\x01", 3)).ok());           // 1024 bits
  EXPECT_FALSE(VerifyKey::rsa(std::string(2000, '\xff'), "\x01").ok());                                  // absurdly long
  EXPECT_FALSE(VerifyKey::rsa(std::string(255, '\xff') + '\xfe', std::string("\x01\x00\x01", 3)).ok());  // even
  EXPECT_FALSE(VerifyKey::rsa(std::string(256, '\xff'), "\x01").ok());  // e = 1: the message is its signature
  EXPECT_FALSE(VerifyKey::p256(bytes(kX), bytes(kX)).ok());             // not on the curve
  EXPECT_FALSE(VerifyKey::p256(std::string(32, '\0'), std::string(32, '\0')).ok());
  EXPECT_FALSE(VerifyKey::ed25519("short").ok());
}

TEST(Jose, KnowsThreeNamesOnly) {
  EXPECT_EQ(jose_algorithm("EdDSA"), JoseAlgorithm::eddsa);
  for (const auto* other : {"none", "HS256", "rs256", "RS512", "PS256", "ES256K", ""})
    EXPECT_FALSE(jose_algorithm(other).has_value()) << other;
}

}  // namespace
}  // namespace bulwark::crypto
