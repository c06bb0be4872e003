// RFC 8032 §7.1 test 2, and that a signature of one key is none of another's.
#include "crypto/signing_key.h"

#include <gtest/gtest.h>

#include "crypto/base64.h"
#include "crypto/jose.h"

namespace bulwark::crypto {
namespace {

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return out;
}

TEST(SigningKey, GivesTheSignatureOfTheStandard) {
  Key seed;
  const std::string bytes = unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(seed.bytes.data()));
  const SigningKey key = SigningKey::from_seed(seed);
  EXPECT_EQ(key.public_key(), unhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  EXPECT_EQ(key.sign("\x72"), unhex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
  EXPECT_TRUE(VerifyKey::ed25519(key.public_key()).value().verify("\x72", key.sign("\x72")));
  EXPECT_FALSE(VerifyKey::ed25519(key.public_key()).value().verify("\x73", key.sign("\x72")));
  EXPECT_FALSE(VerifyKey::ed25519(SigningKey::from_seed(Key()).public_key()).value().verify("\x72", key.sign("\x72")));
}

TEST(Base64, HasOneSpelling) {
  for (const std::string_view bytes : {"", "f", "fo", "foo", "foob"}) EXPECT_EQ(base64_decode(base64(bytes)).value(), bytes);
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  for (const std::string_view text : {"Zg", "Zg=", "Zh==", "Z===", "Zg==\n", "Zm9v Zg==", "Zm9-"})
    EXPECT_FALSE(base64_decode(text).ok()) << text;
}

}  // namespace
}  // namespace bulwark::crypto
