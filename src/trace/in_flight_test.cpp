// The in-flight set against a plain list of what entered and left.
#include "trace/in_flight.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

namespace bulwark::trace {
namespace {

using std::chrono::milliseconds;

std::shared_ptr<const Context> context(TraceId trace, MonoTime started) {
  auto made = std::make_shared<Context>();
  made->trace = trace;
  made->started = started;
  return made;
}

TEST(InFlight, FindsWhileInFlightAndForALittleLonger) {
  ManualClock clock;
  InFlight set(4, milliseconds(100), clock);
  const auto request = context(TraceId::random(), clock.mono());
  {
    const auto lease = set.enter(request);
    EXPECT_EQ(set.find(request->trace), request);
    EXPECT_EQ(set.size(), 1U);
  }
  EXPECT_EQ(set.size(), 0U);
  EXPECT_EQ(set.find(request->trace), request);
  EXPECT_EQ(set.all(10).size(), 1U);
  clock.advance(milliseconds(101));
  EXPECT_EQ(set.find(request->trace), nullptr);
  EXPECT_TRUE(set.all(10).empty());
}

TEST(InFlight, AMovedLeaseLeavesOnce) {
  InFlight set;
  auto lease = set.enter(context(TraceId::random(), {}));
  auto moved = std::move(lease);
  EXPECT_EQ(set.size(), 1U);
  moved = InFlight::Lease();
  EXPECT_EQ(set.size(), 0U);
}

TEST(InFlight, ARepeatedIdFindsTheNewestAndLeavesItsOwn) {
  ManualClock clock;
  InFlight set(1, milliseconds(0), clock);
  const TraceId trace = TraceId::random();
  const auto older = context(trace, clock.mono());
  const auto newer = context(trace, clock.mono() + milliseconds(1));
  auto first = set.enter(older);
  auto second = set.enter(newer);
  EXPECT_EQ(set.find(trace), newer);
  second = InFlight::Lease();
  EXPECT_EQ(set.find(trace), older);
}

TEST(InFlight, AnswersOldestFirstUpToTheLimit) {
  ManualClock clock;
  InFlight set(8, milliseconds(0), clock);
  std::vector<InFlight::Lease> leases;
  for (int i = 0; i < 100; ++i) leases.push_back(set.enter(context(TraceId::random(), clock.mono() + milliseconds(i))));
  const auto found = set.all(10);
  ASSERT_EQ(found.size(), 10U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(found[static_cast<std::size_t>(i)]->started, clock.mono() + milliseconds(i));
}

/// Against a naive twin: a list of everything that ever entered, with when it left.
TEST(InFlight, AgreesWithAPlainList) {
  struct Known {
    std::shared_ptr<const Context> context;
    bool left = false;
    MonoTime until{};
  };
  ManualClock clock;
  constexpr auto kLinger = milliseconds(50);
  InFlight set(3, kLinger, clock);
  std::vector<Known> known;
  std::vector<std::pair<std::size_t, InFlight::Lease>> leases;
  std::mt19937 random(7);
  for (int step = 0; step < 4000; ++step) {
    clock.advance(milliseconds(1));
    if (leases.size() < 20 && random() % 2 == 0) {
      const auto made = context(TraceId::random(), clock.mono());
      leases.emplace_back(known.size(), set.enter(made));
      known.push_back({made});
    } else if (!leases.empty()) {
      const std::size_t at = random() % leases.size();
      known[leases[at].first].left = true;
      known[leases[at].first].until = clock.mono() + kLinger;
      leases.erase(leases.begin() + static_cast<std::ptrdiff_t>(at));
    }
    std::vector<std::shared_ptr<const Context>> expected;
    for (const auto& each : known)
      if (!each.left || each.until > clock.mono()) expected.push_back(each.context);
    ASSERT_EQ(set.all(1000), expected);
    ASSERT_EQ(set.size(), leases.size());
    const auto& probe = known.empty() ? Known{} : known[random() % known.size()];
    if (probe.context != nullptr) {
      const bool there = !probe.left || probe.until > clock.mono();
      ASSERT_EQ(set.find(probe.context->trace), there ? probe.context : nullptr);
    }
  }
}

TEST(InFlight, ManyThreadsEnterFindAndLeave) {
  InFlight set;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&set] {
      for (int i = 0; i < 2000; ++i) {
        const auto request = context(TraceId::random(), {});
        const auto lease = set.enter(request);
        ASSERT_EQ(set.find(request->trace), request);
        if (i % 100 == 0) set.all(100);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(set.size(), 0U);
}

}  // namespace
}  // namespace bulwark::trace
