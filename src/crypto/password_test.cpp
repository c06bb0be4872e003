#include "crypto/password.h"

#include <gtest/gtest.h>

namespace bulwark::crypto {
namespace {

constexpr PasswordCost kCheap{.passes = 1, .memory_bytes = 8192};

TEST(Password, VerifiesOnlyTheSamePassword) {
  const auto hash = hash_password("correct horse battery", kCheap);
  ASSERT_TRUE(hash.ok());
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << *hash;
  EXPECT_TRUE(verify_password(*hash, "correct horse battery"));
  EXPECT_FALSE(verify_password(*hash, "correct horse batterz"));
  EXPECT_FALSE(verify_password(*hash, ""));
}

TEST(Password, SaltsEveryHash) {
  EXPECT_NE(hash_password("correct horse battery", kCheap).value(), hash_password("correct horse battery", kCheap).value());
}

TEST(Password, MalformedHashNeverVerifies) {
  for (const auto* hash : {"", "x", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$$", "$2b$12$abcdefghijklmnopqrstuv"})
    EXPECT_FALSE(verify_password(hash, "correct horse battery")) << hash;
  EXPECT_FALSE(verify_password(std::string(4096, 'a'), "x"));
}

TEST(Password, ReportsAnotherCost) {
  const auto hash = hash_password("correct horse battery", kCheap).value();
  EXPECT_FALSE(needs_rehash(hash, kCheap));
  EXPECT_TRUE(needs_rehash(hash));
}

TEST(Password, TellsPeopleWhatToChange) {
  EXPECT_TRUE(password_objection("correct horse battery", "ada").empty());
  EXPECT_FALSE(password_objection("short", "ada").empty());
  EXPECT_FALSE(password_objection(std::string(257, 'a') + "b", "ada").empty());
  EXPECT_FALSE(password_objection("PassWord-and-more", "ada").empty());
  EXPECT_FALSE(password_objection("my name is ADA lovelace", "ada").empty());
  EXPECT_FALSE(password_objection("aaaaaaaaaaaaaaaa", "ada").empty());
}

}  // namespace
}  // namespace bulwark::crypto
