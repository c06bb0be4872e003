// SHA-256 and base64url against published vectors; the decoder against every other spelling of a value.
#include "crypto/token.h"

#include <gtest/gtest.h>

namespace bulwark::crypto {
namespace {

TEST(Token, HashesAsFips180Says) {
  EXPECT_EQ(base64url(as_bytes(sha256("abc"))), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  EXPECT_EQ(base64url(as_bytes(sha256(""))), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

TEST(Token, ComparesWholeValues) {
  EXPECT_TRUE(equal_constant_time("same", "same"));
  EXPECT_FALSE(equal_constant_time("same", "sane"));
  EXPECT_FALSE(equal_constant_time("same", "sam"));
  EXPECT_TRUE(equal_constant_time("", ""));
}

TEST(Token, Base64urlGoesThereAndBack) {
  std::string bytes;
  for (int length = 0; length < 70; ++length) {
    EXPECT_EQ(*base64url_decode(base64url(bytes)), bytes);
    bytes.push_back(static_cast<char>(length * 37 + 200));
  }
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
}

TEST(Token, OneValueHasOneSpelling) {
  EXPECT_TRUE(base64url_decode("-_8").ok());
  for (const auto* other : {"-_9", "-_8=", "+/8", "-_8 ", "-", "AAAAA", "A B", "-_8\n"})
    EXPECT_FALSE(base64url_decode(other).ok()) << other;
}

}  // namespace
}  // namespace bulwark::crypto
