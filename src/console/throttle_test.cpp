#include "console/throttle.h"

#include <gtest/gtest.h>

namespace bulwark::console {
namespace {

using namespace std::chrono_literals;

void fail(Throttle& throttle, std::string_view key, int times) {
  for (int i = 0; i < times; ++i) throttle.failed(key);
}

TEST(Throttle, FirstFailuresAreFreeThenTheWaitDoublesToItsEnd) {
  ManualClock clock;
  Throttle throttle(clock);
  fail(throttle, "ada", 4);
  EXPECT_EQ(throttle.wait("ada"), 0s);
  for (const auto expected : {15s, 30s, 60s, 120s, 240s, 300s, 300s}) {
    throttle.failed("ada");
    EXPECT_EQ(throttle.wait("ada"), expected);
  }
  fail(throttle, "ada", 10'000);
  EXPECT_EQ(throttle.wait("ada"), 300s);
}

TEST(Throttle, WaitRunsDown) {
  ManualClock clock;
  Throttle throttle(clock);
  fail(throttle, "ada", 5);
  clock.advance(10s);
  EXPECT_EQ(throttle.wait("ada"), 5s);
  clock.advance(5s);
  EXPECT_EQ(throttle.wait("ada"), 0s);
}

TEST(Throttle, KeysAreIndependentAndSuccessForgives) {
  ManualClock clock;
  Throttle throttle(clock);
  fail(throttle, "ada", 6);
  EXPECT_EQ(throttle.wait("bob"), 0s);
  throttle.succeeded("ada");
  EXPECT_EQ(throttle.wait("ada"), 0s);
  fail(throttle, "ada", 4);
  EXPECT_EQ(throttle.wait("ada"), 0s);
}

TEST(Throttle, ForgetsAfterAWhile) {
  ManualClock clock;
  Throttle throttle(clock);
  fail(throttle, "ada", 8);
  clock.advance(Throttle::kForgetAfter);
  throttle.failed("ada");
  EXPECT_EQ(throttle.wait("ada"), 0s);
}

TEST(Throttle, RemembersABoundedNumberOfKeys) {
  ManualClock clock;
  Throttle throttle(clock);
  fail(throttle, "victim", 8);
  for (std::size_t i = 0; i < Throttle::kMaxKeys; ++i) {
    clock.advance(1ms);
    throttle.failed("key" + std::to_string(i));
  }
  EXPECT_EQ(throttle.wait("victim"), 0s) << "the oldest key had to go";
}

}  // namespace
}  // namespace bulwark::console
