// The bus: one thread hands events to subscribers within milliseconds, another brings them into the store; each has its own
// cursor over the same mapped segments, so that a slow disk never delays a defence.
#include "events/bus.h"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "base/check.h"
#include "base/log.h"
#include "events/keeper.h"
#include "events/replay.h"
#include "events/spool.h"
#include "events/spool_list.h"
#include "events/store.h"
#include "events/waker.h"

namespace bulwark::events {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kDispatchAtOnce = 1024;  ///< of one spool, before the next one has its turn
constexpr milliseconds kPoll{20};              ///< how late an event that is not urgent may be
constexpr milliseconds kPrepareAgain{100};     ///< after a segment could not be made
constexpr milliseconds kFlushDeadline{10'000};

class SpooledBus final : public Bus {
 public:
  SpooledBus(BusSettings settings, Store* store, const Clock& clock) : settings_(std::move(settings)), store_(store), clock_(clock) {}
  ~SpooledBus() override { stop(); }

  Result<void> open() {
    folder_ = TRY(SpoolFolder::open(settings_, clock_.wall()));
    const Replayed replayed = TRY(replay(*folder_, store_));
    if (replayed.events > 0)
      log::info("stored {} events that an earlier process left in {} spool segments", replayed.events, replayed.segments);
    if (store_ != nullptr) keeper_ = std::make_unique<Keeper>(spools_, *store_, clock_);
    return {};
  }

  Result<Publisher*> add_publisher(std::string_view name) override {
    (void)name;
    auto spool = TRY(Spool::create(*folder_, spools_.next_index(), waker_, clock_));
    return spools_.add(std::move(spool));
  }

  void subscribe(Subscriber& subscriber) override {
    CHECK(!thread_.joinable());
    subscribers_.push_back(&subscriber);
  }

  Result<void> start() override {
    CHECK(!thread_.joinable());
    stopping_ = false;
    thread_ = std::thread([this] { dispatch(); });
    pthread_setname_np(thread_.native_handle(), "bulwark-bus");
    if (keeper_ != nullptr) keeper_->start();
    return {};
  }

  void flush() override {
    if (!thread_.joinable()) return;
    const auto deadline = std::chrono::steady_clock::now() + kFlushDeadline;
    const std::vector<std::uint64_t> published = spools_.published();
    {
      std::unique_lock lock(progress_mutex_);
      ++flush_waiters_;
      waker_.wake();
      const bool done = progress_.wait_until(lock, deadline, [&] { return reached(dispatched_, published); });
      --flush_waiters_;
      if (!done) log::error("the event bus did not come to its end within 10 s");
    }
    if (keeper_ != nullptr && !keeper_->flush(published, deadline))
      log::error("the event store did not take all events within 10 s; they stay in the spool");
  }

  void stop() override {
    if (!thread_.joinable()) return;
    flush();
    stopping_ = true;
    waker_.wake();
    thread_.join();
    if (keeper_ == nullptr || keeper_->stop()) spools_.release_all();
  }

 private:
  static bool reached(const std::vector<std::uint64_t>& now, const std::vector<std::uint64_t>& wanted) {
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (i >= now.size() ? wanted[i] > 0 : now[i] < wanted[i]) return false;
    return true;
  }

  void dispatch() {
    std::vector<Spool::Cursor> cursors;
    while (!stopping_) {
      const std::size_t handed_on = dispatch_round(cursors);
      for (Subscriber* subscriber : subscribers_) subscriber->on_tick(clock_.wall());
      report_progress(cursors);
      prepare_segments();
      if (handed_on == 0) waker_.wait(kPoll, [&] { return stopping_.load() || flush_waiters_.load() > 0 || !spools_.all_read(cursors); });
    }
  }

  std::size_t dispatch_round(std::vector<Spool::Cursor>& cursors) {
    std::size_t handed_on = 0;
    for (std::size_t i = 0; Spool* spool = spools_.at(i, cursors); ++i) {
      for (std::size_t n = 0; n < kDispatchAtOnce; ++n, ++handed_on) {
        const auto record = spool->next(cursors[i]);
        if (!record) break;
        hand_on(*record);
      }
      if (keeper_ == nullptr) {
        released_.clear();
        spool->release_before(cursors[i], cursors[i], released_);
      } else {
        spools_.note_dispatched(i, cursors[i]);
      }
    }
    return handed_on;
  }

  void hand_on(const Segment::Record& record) {
    if (subscribers_.empty()) return;
    const auto event = decode_own(record.payload);
    for (Subscriber* subscriber : subscribers_) subscriber->on_event(event);
  }

  void report_progress(const std::vector<Spool::Cursor>& cursors) {
    if (flush_waiters_.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard lock(progress_mutex_);
    dispatched_.clear();
    for (const auto& cursor : cursors) dispatched_.push_back(cursor.sequence);
    progress_.notify_all();
  }

  void prepare_segments() {
    const MonoTime now = clock_.mono();
    if (now < prepare_again_) return;
    if (auto made = spools_.prepare(); !made) {
      prepare_again_ = now + kPrepareAgain;
      if (!starving_) log::error("events are lost from now on: {}", made.error().message);
      starving_ = true;
    } else if (starving_) {
      log::info("events are kept again: there is room for the spool");
      starving_ = false;
    }
  }

  BusSettings settings_;
  Store* store_;
  const Clock& clock_;
  std::unique_ptr<SpoolFolder> folder_;
  SpoolList spools_;
  std::vector<Subscriber*> subscribers_;
  std::unique_ptr<Keeper> keeper_;
  Waker waker_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  MonoTime prepare_again_{};
  bool starving_ = false;
  std::vector<std::string> released_;

  std::mutex progress_mutex_;
  std::condition_variable progress_;
  std::vector<std::uint64_t> dispatched_;
  std::atomic<int> flush_waiters_{0};
};

}  // namespace

Result<std::unique_ptr<Bus>> Bus::create(BusSettings settings, Store* store, const Clock& clock) {
  auto bus = std::make_unique<SpooledBus>(std::move(settings), store, clock);
  TRY(bus->open());
  return std::unique_ptr<Bus>(std::move(bus));
}

}  // namespace bulwark::events
