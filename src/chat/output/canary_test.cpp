// The token is found as it stands and dressed up, and no part of it leaves before it is known.
#include <gtest/gtest.h>

#include "chat/output/canary_token.h"
#include "chat/output/test_answer.h"

namespace bulwark::chat::output {
namespace {

constexpr const char* kToken = "k3jx9mpq2wrt7abcdefg";

Answer told(const std::string& text, std::size_t size) {
  Asked asked;
  asked.settings.canary = Mode::block;
  asked.canary = kToken;
  return answer(asked, pieces(text, size));
}

TEST(Canary, IsFoundInEveryDress) {
  const std::string token = kToken;
  std::string spelled;
  for (const char c : token) spelled += std::string(1, c) + "-";
  for (const std::string& text : {token, std::string("K3JX9MPQ2WRT7ABCDEFG"), std::string(token.rbegin(), token.rend()), spelled,
                                  std::string("6b336a78396d7071327772743761626364656667"), std::string("azNqeDltcHEyd3J0N2FiY2RlZmc="),
                                  std::string("IGszang5bXBxMndydDdhYmNkZWZn"), std::string("cyBrM2p4OW1wcTJ3cnQ3YWJjZGVmZw==")})
    for (const std::size_t size : {1U, 3U, 100U}) EXPECT_TRUE(told("It is " + text + " here", size).blocked) << text << " by " << size;
}

TEST(Canary, NothingOfItLeaves) {
  for (const std::size_t size : {1U, 3U, 100U}) EXPECT_EQ(told(std::string("The reference is ") + kToken, size).text, "The reference is ");
  EXPECT_EQ(told("keep k3jx9 apart", 1).text, "keep k3jx9 apart");
}

TEST(Canary, IsTheConversationsOwn) {
  const pii::Key one = pii::derive({}, "conversation", "a");
  const pii::Key other = pii::derive({}, "conversation", "b");
  EXPECT_EQ(canary_token(one), canary_token(one));
  EXPECT_NE(canary_token(one), canary_token(other));
  EXPECT_EQ(canary_token(one).size(), 20U);
}

}  // namespace
}  // namespace bulwark::chat::output
