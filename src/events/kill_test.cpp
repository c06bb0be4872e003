// kill -9 in the middle of publishing, storing and replaying, twenty times: what was acknowledged is stored, once. And a disk
// that fills up and empties again.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "events/bus.h"
#include "events/embedded_store.h"
#include "events/samples.h"

namespace bulwark::events {
namespace {

constexpr int kRounds = 20;
constexpr int kPublishers = 2;

class KillTest : public testing::Test {
 protected:
  KillTest() {
    std::string name = (std::filesystem::temp_directory_path() / "kill.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    settings_.directory = folder_ / "spool";
    settings_.segment_bytes = 256 * 1024;
    options_.path = folder_ / "events.db";
  }
  ~KillTest() override { std::filesystem::remove_all(folder_); }

  /// In the child: publishes without end and writes the number of each acknowledged event to `acknowledged`.
  [[noreturn]] void publish_for_ever(int acknowledged, std::uint64_t first) {
    auto store = open_embedded_store(options_);
    if (!store) _exit(2);
    auto bus = Bus::create(settings_, store->get());
    if (!bus || !(*bus)->start()) _exit(3);
    std::vector<std::thread> threads;
    for (int p = 0; p < kPublishers; ++p)
      threads.emplace_back([&, p] {
        Publisher* publisher = (*bus)->add_publisher("child").value();
        Samples samples(static_cast<unsigned>(p));
        for (std::uint64_t number = first + static_cast<std::uint64_t>(p);; number += kPublishers) {
          Event event = number % 10 == 0 ? samples.attack(static_cast<WallTime>(number)) : samples.access(static_cast<WallTime>(number));
          event.rows = number;
          if (publisher->publish(event) && write(acknowledged, &number, sizeof number) != sizeof number) _exit(4);
        }
      });
    for (;;) (*bus)->flush();  // the store commits all the time, so that kills fall into that too
  }

  /// How often each number is stored.
  std::map<std::uint64_t, int> stored() {
    const auto store = open_embedded_store(options_).value();
    { const auto bus = Bus::create(settings_, store.get()).value(); }  // a clean start: replays
    std::map<std::uint64_t, int> times;
    Query query{.limit = Query::kMaxLimit};
    for (;;) {
      const auto page = store->query(query).value();
      if (page.empty()) break;
      for (const auto& each : page) ++times[each.event.rows];
      query.before = page.back().id;
    }
    EXPECT_EQ(store->count().value(), times.size());
    return times;
  }

  std::filesystem::path folder_;
  BusSettings settings_;
  EmbeddedStoreOptions options_;
};

TEST_F(KillTest, WhatWasAcknowledgedIsStoredOnce) {
  std::mt19937 random(17);
  std::vector<std::uint64_t> acknowledged;
  std::uint64_t first = 1;
  for (int round = 0; round < kRounds; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(pipe_ends[0]);
      publish_for_ever(pipe_ends[1], first);
    }
    close(pipe_ends[1]);
    // Killed after so many acknowledgements: at once, while segments roll over, or while batches are committed.
    const std::size_t enough = 1 + (round % 5 == 0 ? 0 : random() % 12'000);
    std::uint64_t number = 0;
    for (std::size_t read_so_far = 0; read(pipe_ends[0], &number, sizeof number) == sizeof number; ++read_so_far) {
      acknowledged.push_back(number);
      first = std::max(first, number + kPublishers);
      if (read_so_far + 1 == enough) {
        ASSERT_EQ(kill(child, SIGKILL), 0);
      }
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "round " << round << ": exit " << WEXITSTATUS(status);
    close(pipe_ends[0]);
    first += 2 * kPublishers;  // what was published and not acknowledged keeps its numbers
  }
  const auto times = stored();
  for (const std::uint64_t number : acknowledged) ASSERT_EQ(times.count(number), 1U) << "lost: " << number;
  for (const auto& [number, count] : times) ASSERT_EQ(count, 1) << "doubled: " << number;
  EXPECT_GT(acknowledged.size(), 20'000U);
  RecordProperty("acknowledged", static_cast<int>(acknowledged.size()));
}

TEST_F(KillTest, AFullDiskRefusesAloudAndNothingAcknowledgedIsLost) {
  signal(SIGXFSZ, SIG_IGN);
  settings_.max_spool_bytes = 4 * settings_.segment_bytes;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  std::uint64_t acknowledged = 0;
  {
    const auto store = open_embedded_store(options_).value();
    const auto bus = Bus::create(settings_, store.get()).value();
    Publisher* publisher = bus->add_publisher("test").value();
    // A limit on files that segments fit into and the database does not: the store refuses, then the spool is full.
    rlimit tight = before;
    tight.rlim_cur = settings_.segment_bytes;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
    ASSERT_TRUE(bus->start().ok());
    Samples samples;
    for (std::uint64_t number = 1; publisher->lost() == 0; ++number) {
      Event event = samples.attack(static_cast<WallTime>(number));
      event.rows = number;
      if (publisher->publish(event)) ++acknowledged;
      ASSERT_LT(number, 1'000'000U) << "it never says that it is full";
    }
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    bus->stop();
  }
  const auto times = stored();
  for (std::uint64_t number = 1; number <= acknowledged; ++number) ASSERT_EQ(times.count(number), 1U);
  EXPECT_GT(acknowledged, 1000U);
}

}  // namespace
}  // namespace bulwark::events
