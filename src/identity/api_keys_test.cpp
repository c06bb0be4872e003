// API keys: made once, found by nothing but the whole key, refused when expired, revoked or altered; the file is strict.
#include "identity/api_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

namespace bulwark::identity {
namespace {

constexpr WallTime kNow = 1'800'000'000'000'000'000;
constexpr WallTime kSecond = 1'000'000'000;

class ApiKeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/bulwark_keys_XXXXXX";
    directory_ = ::mkdtemp(name);
    path_ = directory_ + "/api_keys";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string directory_;
  std::string path_;
};

TEST(ApiKeys, VerifiesOnlyTheWholeKey) {
  ApiKeys keys;
  const std::string clear = *keys.add({.user = "ci", .tenant = "acme", .roles = {"deploy"}}, kNow);
  ASSERT_TRUE(clear.starts_with("bwk_"));
  const auto found = keys.verify(clear, kNow);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ((*found)->user, "ci");
  EXPECT_EQ((*found)->roles, std::vector<std::string>{"deploy"});
  for (std::size_t i = 0; i < clear.size(); ++i) {
    std::string altered = clear;
    altered[i] = altered[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(keys.verify(altered, kNow).ok()) << i;
  }
  EXPECT_FALSE(keys.verify(clear + "A", kNow).ok());
  EXPECT_FALSE(keys.verify(clear.substr(0, clear.size() - 1), kNow).ok());
  EXPECT_FALSE(keys.verify("", kNow).ok());
}

TEST(ApiKeys, ExpireAndAreRevoked) {
  ApiKeys keys;
  const std::string brief = *keys.add({.user = "a", .expires = kNow / kSecond + 10}, kNow);
  EXPECT_TRUE(keys.verify(brief, kNow + 9 * kSecond).ok());
  EXPECT_FALSE(keys.verify(brief, kNow + 10 * kSecond).ok());
  const std::string lasting = *keys.add({.user = "b"}, kNow);
  EXPECT_TRUE(keys.verify(lasting, kNow).ok());
  ASSERT_TRUE(keys.revoke(keys.keys().back().id, kNow).ok());
  EXPECT_EQ(keys.verify(lasting, kNow).error().message, "revoked API key " + keys.keys().back().id);
  EXPECT_EQ(keys.revoke("0000000000000000", kNow).error().code, Code::not_found);
}

TEST(ApiKeys, TextGoesThereAndBackWithoutTheSecret) {
  ApiKeys keys;
  const std::string clear = *keys.add({.user = "jürgen", .tenant = "acme corp", .roles = {"a", "b"}}, kNow);
  EXPECT_EQ(keys.text().find(clear.substr(21)), std::string::npos);
  const auto again = ApiKeys::parse(keys.text());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->text(), keys.text());
  EXPECT_TRUE(again->verify(clear, kNow).ok());
}

TEST(ApiKeys, RefusesADamagedFile) {
  ApiKeys keys;
  ASSERT_TRUE(keys.add({.user = "a", .roles = {"r"}}, kNow).ok());
  const std::string good = keys.text();
  const std::string line = good.substr(good.find('\n') + 1);
  const std::vector<std::string> damaged = {"",
                                            "\n",
                                            "something else\n",
                                            good.substr(0, good.size() - 1),
                                            good + "\n",
                                            good + line,
                                            good + "id\tdigest\n",
                                            good.substr(0, good.size() - 2) + "x\n",
                                            "bulwark-api-keys 1\n" + line.substr(1)};
  for (const auto& text : damaged) EXPECT_FALSE(ApiKeys::parse(text).ok()) << text;
  EXPECT_EQ(ApiKeys::parse(good + "x\n").error().message, "line 3: not 8 fields separated by tabs");
}

TEST(ApiKeys, RefusesNamesThatCouldBreakAHeader) {
  ApiKeys keys;
  for (const auto* user : {"", "a\r\nX-Admin: 1", "a\tb", " a", "\xff"}) EXPECT_FALSE(keys.add({.user = user}, kNow).ok());
  EXPECT_FALSE(keys.add({.user = "a", .roles = {"x,admin"}}, kNow).ok());
  EXPECT_FALSE(keys.add({.user = "a", .roles = std::vector<std::string>(65, "r")}, kNow).ok());
  EXPECT_TRUE(keys.keys().empty());
}

TEST_F(ApiKeyFile, IsPrivateAndKeepsEveryChange) {
  const std::string first = *new_api_key(path_, {.user = "first"}, kNow);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  std::vector<std::thread> people;
  for (int p = 0; p < 4; ++p)
    people.emplace_back([&, p] {
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(new_api_key(path_, {.user = "p" + std::to_string(p)}, kNow).ok());
    });
  for (auto& each : people) each.join();
  const auto listed = list_api_keys(path_);
  ASSERT_EQ(listed->size(), 41U);
  ASSERT_TRUE(revoke_api_key(path_, listed->front().id, kNow).ok());
  EXPECT_FALSE(ApiKeys::load(path_)->verify(first, kNow).ok());
}

TEST_F(ApiKeyFile, MissingFileIsAnErrorForReaders) {
  EXPECT_EQ(list_api_keys(path_).error().origin, Origin::config);
  EXPECT_EQ(revoke_api_key(path_, "0123456789abcdef", kNow).error().code, Code::not_found);
}

}  // namespace
}  // namespace bulwark::identity
