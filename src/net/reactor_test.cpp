// The loop with real descriptors and threads; the wheel against a naive list of deadlines.
#include "net/reactor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <random>
#include <thread>

namespace bulwark::net {
namespace {

using std::chrono::milliseconds;

std::unique_ptr<Reactor> make_reactor(const Clock& clock = system_clock()) { return std::move(Reactor::create(clock)).value(); }

struct Recorder : EventHandler {
  std::function<void(Readiness)> reaction;
  void on_ready(Readiness readiness) override { reaction(readiness); }
};

struct SocketPair {
  int ends[2] = {-1, -1};
  SocketPair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
  ~SocketPair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
};

TEST(Reactor, ReportsReadinessAndHangUp) {
  auto reactor = make_reactor();
  SocketPair pair;
  Recorder recorder;
  std::string seen;
  recorder.reaction = [&](Readiness readiness) {
    char byte = 0;
    if (readiness.readable && ::read(pair.ends[0], &byte, 1) == 1) {
      seen.push_back(byte);
      ::shutdown(pair.ends[1], SHUT_WR);
    }
    if (readiness.hung_up) reactor->stop();
  };
  ASSERT_TRUE(reactor->add(pair.ends[0], recorder).ok());
  reactor->post([&] { EXPECT_EQ(::write(pair.ends[1], "x", 1), 1); });
  reactor->run();
  EXPECT_EQ(seen, "x");
}

TEST(Reactor, RemovedHandlerGetsNoEventAlreadyFetched) {
  auto reactor = make_reactor();
  SocketPair first;
  SocketPair second;
  Recorder a;
  Recorder b;
  int calls = 0;
  const auto react = [&](Readiness) {
    ++calls;
    reactor->remove(first.ends[0], a);
    reactor->remove(second.ends[0], b);
    reactor->post([&] { reactor->stop(); });
  };
  a.reaction = b.reaction = react;
  ASSERT_TRUE(reactor->add(first.ends[0], a).ok());
  ASSERT_TRUE(reactor->add(second.ends[0], b).ok());  // both are writable at once: fetched in one turn
  reactor->run();
  EXPECT_EQ(calls, 1);
}

TEST(Reactor, RunsTasksOfOtherThreadsInOrder) {
  auto reactor = make_reactor();
  std::vector<int> order;
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) reactor->post([&order, i] { order.push_back(i); });
    reactor->post([&] { reactor->stop(); });
  });
  reactor->run();
  poster.join();
  ASSERT_EQ(order.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  reactor->post([&] { order.clear(); });  // after stop(): dropped
  EXPECT_EQ(order.size(), 1000U);
}

TEST(Reactor, DefersToTheEndOfTheTurn) {
  auto reactor = make_reactor();
  std::string order;
  reactor->post([&] {
    reactor->defer([&] {
      order += "deferred ";
      reactor->stop();
    });
    order += "first ";
  });
  reactor->post([&] { order += "second "; });
  reactor->run();
  EXPECT_EQ(order, "first second deferred ");
}

TEST(Timer, FiresOnceNotEarlyAndCanBeRearmedFromInside) {
  auto reactor = make_reactor();
  int fired = 0;
  const auto began = system_clock().mono();
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(*reactor, [&] {
    if (++fired < 3) {
      timer->arm(milliseconds(10));
    } else {
      timer.reset();
      reactor->stop();
    }
  });
  timer->arm(milliseconds(10));
  reactor->run();
  EXPECT_EQ(fired, 3);
  EXPECT_GE(system_clock().mono() - began, milliseconds(30));
}

// Random arming, re-arming and cancelling under a manual clock must fire exactly what a plain map of deadlines says.
TEST(Timer, AgreesWithNaiveTwin) {
  ManualClock clock;
  auto reactor = make_reactor(clock);
  std::mt19937_64 random(7);
  constexpr std::size_t kTimers = 200;
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<int> fired(kTimers, 0);
  std::vector<int> expected(kTimers, 0);
  std::map<std::size_t, MonoTime> deadlines;
  for (std::size_t i = 0; i < kTimers; ++i) timers.push_back(std::make_unique<Timer>(*reactor, [&fired, i] { ++fired[i]; }));

  int steps = 0;
  std::function<void()> step = [&] {
    // Timers may be late by one tick: the twin forgives what is due within it.
    for (std::size_t i = 0; i < kTimers; ++i) {
      const auto deadline = deadlines.find(i);
      if (deadline == deadlines.end()) {
        EXPECT_EQ(fired[i], expected[i]) << i;
      } else if (fired[i] != expected[i]) {
        EXPECT_EQ(fired[i], expected[i] + 1);
        EXPECT_LE(deadline->second, reactor->now()) << "early";
        expected[i] = fired[i];
        deadlines.erase(deadline);
      } else {
        EXPECT_GT(deadline->second + Timer::kTick * 2, reactor->now()) << "late " << i;
      }
    }
    if (++steps == 2000) return reactor->stop();
    for (int change = 0; change < 5; ++change) {
      const std::size_t i = random() % kTimers;
      if (random() % 4 == 0) {
        timers[i]->cancel();
        deadlines.erase(i);
      } else {
        const auto after = milliseconds(random() % 3 == 0 ? random() % 200'000 : random() % 300);
        timers[i]->arm(after);
        deadlines[i] = reactor->now() + after;
      }
    }
    clock.advance(milliseconds(random() % 10 == 0 ? random() % 100'000 : random() % 40));
    reactor->post([&] { reactor->post(step); });  // two turns: the first reads the clock and fires
  };
  reactor->post(step);
  reactor->run();
  EXPECT_EQ(steps, 2000);
}

TEST(Timer, CallbackMayDestroyItsNeighbours) {
  ManualClock clock;
  auto reactor = make_reactor(clock);
  std::vector<std::unique_ptr<Timer>> timers;
  int fired = 0;
  for (int i = 0; i < 8; ++i)
    timers.push_back(std::make_unique<Timer>(*reactor, [&] {
      ++fired;
      reactor->defer([&] { reactor->stop(); });
      for (auto& timer : timers) timer->cancel();
    }));
  for (auto& timer : timers) timer->arm(milliseconds(5));
  clock.advance(milliseconds(50));
  reactor->run();
  EXPECT_EQ(fired, 1);
}

}  // namespace
}  // namespace bulwark::net
