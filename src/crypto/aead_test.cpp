// Sealing: a published vector for opening, and that nothing can be changed.
#include "crypto/aead.h"

#include <gtest/gtest.h>

namespace bulwark::crypto {
namespace {

Key key(std::uint8_t of) {
  Key made;
  made.bytes.fill(of);
  return made;
}

/// D. McGrew and J. Viega, "The Galois/Counter Mode of Operation", test case 14: 256 zero bits of key, 128 of text.
TEST(Aead, OpensAPublishedVector) {
  const std::string sealed(
      "\0\0\0\0\0\0\0\0\0\0\0\0"
      "\xce\xa7\x40\x3d\x4d\x60\x6b\x6e\x07\x4e\xc5\xd3\xba\xf3\x9d\x18"
      "\xd0\xd1\xc8\xa7\x99\x99\x6b\xf0\x26\x5b\x98\xb5\xd4\x8a\xb9\x19",
      kGcmBytes + 16);
  const auto opened = gcm_open(key(0), "", sealed);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(*opened, std::string(16, '\0'));
}

TEST(Aead, NothingCanBeChanged) {
  const std::string sealed = gcm_seal(key(1), "users.ssn", "123-45-6789");
  EXPECT_EQ(gcm_open(key(1), "users.ssn", sealed).value(), "123-45-6789");
  EXPECT_NE(gcm_seal(key(1), "users.ssn", "123-45-6789"), sealed) << "a nonce of its own each time";
  EXPECT_EQ(gcm_open(key(1), "x", gcm_seal(key(1), "x", "")).value(), "");
  EXPECT_FALSE(gcm_open(key(2), "users.ssn", sealed).ok());
  EXPECT_FALSE(gcm_open(key(1), "users.name", sealed).ok());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(gcm_open(key(1), "users.ssn", changed).ok()) << i;
    EXPECT_FALSE(gcm_open(key(1), "users.ssn", std::string_view(sealed).substr(0, i)).ok()) << i;
  }
}

}  // namespace
}  // namespace bulwark::crypto
