#include "console/sessions.h"

#include <gtest/gtest.h>

namespace bulwark::console {
namespace {

using namespace std::chrono_literals;

class SessionsTest : public ::testing::Test {
 protected:
  ManualClock clock_;
  Sessions sessions_{{.idle = 10min, .lifetime = 60min}, clock_};
};

TEST_F(SessionsTest, TokenOpensTheSessionAndIsNotKept) {
  const auto token = sessions_.open("ada", Role::responder);
  EXPECT_EQ(token.size(), 64U);
  const auto session = sessions_.use(token);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->user, "ada");
  EXPECT_EQ(session->role, Role::responder);
  EXPECT_NE(session->id, token);
  EXPECT_NE(session->csrf, token);
  EXPECT_FALSE(sessions_.use(session->id)) << "the stored hash must not sign anyone in";
  EXPECT_FALSE(sessions_.use(""));
  EXPECT_FALSE(sessions_.use(std::string(64, '0')));
}

TEST_F(SessionsTest, EndsWhenIdle) {
  const auto token = sessions_.open("ada", Role::viewer);
  clock_.advance(9min);
  EXPECT_TRUE(sessions_.use(token));
  clock_.advance(10min);
  EXPECT_FALSE(sessions_.use(token));
}

TEST_F(SessionsTest, EndsAtItsLifetimeHoweverBusy) {
  const auto token = sessions_.open("ada", Role::viewer);
  for (int i = 0; i < 11; ++i) {
    clock_.advance(5min);
    EXPECT_TRUE(sessions_.use(token)) << i;
  }
  clock_.advance(5min);
  EXPECT_FALSE(sessions_.use(token));
}

TEST_F(SessionsTest, LookingDoesNotKeepItAlive) {
  const auto id = sessions_.use(sessions_.open("ada", Role::viewer))->id;
  clock_.advance(9min);
  EXPECT_TRUE(sessions_.alive(id));
  clock_.advance(1min);
  EXPECT_FALSE(sessions_.alive(id));
}

TEST_F(SessionsTest, ClosesOneOrAllOfAPerson) {
  const auto one = sessions_.open("ada", Role::viewer);
  const auto two = sessions_.open("ada", Role::viewer);
  const auto other = sessions_.open("bob", Role::viewer);
  sessions_.close(sessions_.use(one)->id);
  EXPECT_FALSE(sessions_.use(one));
  EXPECT_TRUE(sessions_.use(two));
  sessions_.close_all_of("ada");
  EXPECT_FALSE(sessions_.use(two));
  EXPECT_TRUE(sessions_.use(other));
}

TEST_F(SessionsTest, FullTableEndsTheOneUnusedForLongest) {
  const auto first = sessions_.open("ada", Role::viewer);
  clock_.advance(1s);
  const auto second = sessions_.open("ada", Role::viewer);
  clock_.advance(1s);
  for (std::size_t i = 2; i < Sessions::kMax + 1; ++i) sessions_.open("bob", Role::viewer);
  EXPECT_EQ(sessions_.size(), Sessions::kMax);
  EXPECT_FALSE(sessions_.use(first));
  EXPECT_TRUE(sessions_.use(second));
}

}  // namespace
}  // namespace bulwark::console
