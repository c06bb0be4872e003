// The bus: every event once and in order to subscribers and store, urgent ones at once, nothing lost over a restart.
#include "events/bus.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "events/embedded_store.h"
#include "events/samples.h"

namespace bulwark::events {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Notes what it sees; `rows` carries a number that tests set.
class Recorder final : public Subscriber {
 public:
  void on_event(const Event& event) override {
    const std::lock_guard lock(mutex_);
    by_publisher_[event.status].push_back(event.rows);
    seen_at_ = steady_clock::now();
    ++count_;
    changed_.notify_all();
  }
  void on_tick(WallTime) override { ++ticks_; }
  bool wait_for(std::uint64_t count, milliseconds time = milliseconds(5000)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, time, [&] { return count_ >= count; });
  }
  std::map<int, std::vector<std::uint64_t>> by_publisher() {
    const std::lock_guard lock(mutex_);
    return by_publisher_;
  }
  steady_clock::time_point seen_at() {
    const std::lock_guard lock(mutex_);
    return seen_at_;
  }
  std::atomic<int> ticks_{0};

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, std::vector<std::uint64_t>> by_publisher_;
  std::uint64_t count_ = 0;
  steady_clock::time_point seen_at_;
};

class BusTest : public testing::Test {
 protected:
  BusTest() {
    std::string name = (std::filesystem::temp_directory_path() / "bus.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    settings_.directory = folder_ / "spool";
    settings_.segment_bytes = 256 * 1024;
    options_.path = folder_ / "events.db";
  }
  ~BusTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  Store* open_store() {
    store_.reset();
    store_ = open_embedded_store(options_).value();
    return store_.get();
  }
  std::size_t segments() const {
    std::size_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator(settings_.directory)) count += each.path().extension() == ".spool";
    return count;
  }
  std::filesystem::path folder_;
  BusSettings settings_;
  EmbeddedStoreOptions options_;
  std::unique_ptr<Store> store_;
};

TEST_F(BusTest, EveryEventOnceInOrderOverManySegments) {
  constexpr int kPublishers = 3;
  constexpr std::uint64_t kEach = 5000;  // some 1.5 MB: several segments
  Recorder recorder;
  const auto bus = Bus::create(settings_, open_store()).value();
  bus->subscribe(recorder);
  ASSERT_TRUE(bus->start().ok());
  std::vector<std::thread> threads;
  for (int p = 0; p < kPublishers; ++p) {
    Publisher* publisher = bus->add_publisher("test").value();
    threads.emplace_back([publisher, p] {
      Samples samples(static_cast<unsigned>(p));
      for (std::uint64_t i = 0; i < kEach; ++i) {
        Event event = i % 20 == 0 ? samples.attack(static_cast<WallTime>(i)) : samples.access(static_cast<WallTime>(i));
        event.status = static_cast<std::uint16_t>(p);
        event.rows = i;
        ASSERT_TRUE(publisher->publish(event));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  bus->flush();
  const auto seen = recorder.by_publisher();
  for (int p = 0; p < kPublishers; ++p) {
    ASSERT_EQ(seen.at(p).size(), kEach);
    for (std::uint64_t i = 0; i < kEach; ++i) ASSERT_EQ(seen.at(p)[i], i);
  }
  EXPECT_EQ(store_->count().value(), kPublishers * kEach);
  EXPECT_GT(recorder.ticks_, 0);
  bus->stop();
  EXPECT_EQ(segments(), 0U) << "all stored: nothing is left behind";
}

TEST_F(BusTest, ADenialReachesSubscribersAtOnce) {
  Recorder recorder;
  const auto bus = Bus::create(settings_, nullptr).value();
  bus->subscribe(recorder);
  Publisher* publisher = bus->add_publisher("test").value();
  ASSERT_TRUE(bus->start().ok());
  Samples samples;
  milliseconds best{1000};
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto published = steady_clock::now();
    ASSERT_TRUE(publisher->publish(samples.attack(1)));
    ASSERT_TRUE(recorder.wait_for(i + 1));
    best = std::min(best, std::chrono::duration_cast<milliseconds>(recorder.seen_at() - published));
  }
  EXPECT_LT(best, milliseconds(10)) << "much sooner than the poll of 20 ms";
}

TEST_F(BusTest, AFullSpoolRefusesAloudAndSaysLaterWhatWasLost) {
  settings_.max_spool_bytes = 2 * settings_.segment_bytes;
  Recorder recorder;
  const auto bus = Bus::create(settings_, nullptr).value();
  bus->subscribe(recorder);
  Publisher* publisher = bus->add_publisher("test").value();
  Samples samples;
  const Event event = samples.access(1);
  std::uint64_t kept = 0;
  while (publisher->publish(event)) ++kept;  // nobody reads yet
  EXPECT_FALSE(publisher->publish(event));
  EXPECT_EQ(publisher->lost(), 2U);
  ASSERT_TRUE(bus->start().ok());
  ASSERT_TRUE(recorder.wait_for(kept));
  const auto deadline = steady_clock::now() + std::chrono::seconds(5);
  while (!publisher->publish(event) && steady_clock::now() < deadline) std::this_thread::yield();
  bus->flush();
  EXPECT_TRUE(recorder.wait_for(kept + 2)) << "the loss event and the new one";
}

TEST_F(BusTest, TwoProcessesCannotShareASpool) {
  const auto bus = Bus::create(settings_, nullptr).value();
  EXPECT_EQ(Bus::create(settings_, nullptr).error().code, Code::unavailable);
}

TEST_F(BusTest, WhatAnEarlierProcessLeftIsStoredOnce) {
  constexpr std::uint64_t kEvents = 3000;
  const pid_t child = fork();
  if (child == 0) {  // publishes, then dies without a word
    auto bus = Bus::create(settings_, nullptr).value().release();
    Publisher* publisher = bus->add_publisher("test").value();
    Samples samples;
    for (std::uint64_t i = 0; i < kEvents; ++i)
      if (!publisher->publish(samples.access(static_cast<WallTime>(i)))) _exit(1);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  EXPECT_GT(segments(), 1U);
  { const auto bus = Bus::create(settings_, open_store()).value(); }
  EXPECT_EQ(store_->count().value(), kEvents);
  EXPECT_EQ(segments(), 0U);
  EXPECT_TRUE(store_->positions().value().empty());
  { const auto bus = Bus::create(settings_, open_store()).value(); }
  EXPECT_EQ(store_->count().value(), kEvents);
}

TEST_F(BusTest, ADamagedSegmentIsSetAsideAndDoesNotStopTheStart) {
  { const auto bus = Bus::create(settings_, nullptr).value(); }
  const auto path = std::filesystem::path(settings_.directory) / "00000000deadbeef-0000-00000000.spool";
  { std::ofstream(path) << std::string(300'000, 'x'); }
  const auto bus = Bus::create(settings_, open_store()).value();
  EXPECT_TRUE(std::filesystem::exists(path.string() + ".damaged"));
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace bulwark::events
