// Counters only grow; a window is their difference to what they were when it began.
#include "chat/drift/monitor.h"

#include <fmt/format.h>
#include <pthread.h>

namespace bulwark::chat::drift {

namespace {

constexpr std::chrono::seconds kCheckEvery{1};

/// Threads share a shard only if there are more of them than shards.
std::size_t shard_of_this_thread(std::size_t shards) {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t mine = threads.fetch_add(1, std::memory_order_relaxed);
  return mine % shards;
}

std::string_view texts_of(Channel channel) { return channel == Channel::user ? "users' turns" : "text that arrives as data"; }

}  // namespace

Monitor::Monitor(const DriftSettings& settings, Usual usual, Save save, Tell tell)
    : settings_(settings), save_(std::move(save)), tell_(std::move(tell)) {
  for (std::size_t channel = 0; channel < kChannels; ++channel) states_[channel].usual = usual[channel];
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "bulwark-drift");
}

Monitor::~Monitor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Monitor::note(Channel channel, float score) {
  Shard& shard = shards_[shard_of_this_thread(kShards)];
  shard.counts[channel == Channel::data ? 1 : 0][bin_of(score)].fetch_add(1, std::memory_order_relaxed);
}

Histogram Monitor::counted(std::size_t channel) const {
  Histogram sum{};
  for (const Shard& shard : shards_)
    for (std::size_t bin = 0; bin < kBins; ++bin) sum[bin] += shard.counts[channel][bin].load(std::memory_order_relaxed);
  return sum;
}

Histogram Monitor::since(std::size_t channel) const {
  Histogram window = counted(channel);
  for (std::size_t bin = 0; bin < kBins; ++bin) window[bin] -= states_[channel].before[bin];
  return window;
}

void Monitor::run() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, kCheckEvery, [this] { return stopping_; })) {
    lock.unlock();
    check();
    lock.lock();
  }
}

void Monitor::check() {
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    std::optional<Notice> notice;
    std::optional<Histogram> fresh;
    {
      const std::lock_guard lock(mutex_);
      State& state = states_[channel];
      const Histogram window = since(channel);
      if (total(window) < static_cast<std::uint64_t>(state.usual ? settings_.window : settings_.reference)) continue;
      for (std::size_t bin = 0; bin < kBins; ++bin) state.before[bin] += window[bin];
      if (state.usual)
        notice = compare(channel, window);
      else
        state.usual = fresh = window;
    }
    if (fresh && save_) save_(kWatched[channel], *fresh);
    if (notice && tell_) tell_(*notice);
  }
}

/// Says something when the scores have moved, and when they are back.
std::optional<Notice> Monitor::compare(std::size_t channel, const Histogram& window) {
  State& state = states_[channel];
  const double index = stability_index(*state.usual, window);
  state.index = index;
  state.flagged = share_flagged(window);
  if ((index >= settings_.limit) == state.moved) return std::nullopt;
  state.moved = !state.moved;
  Notice notice;
  notice.rule = state.moved ? "chat.drift.moved" : "chat.drift.back";
  notice.severity = state.moved ? events::Severity::medium : events::Severity::informational;
  notice.message = fmt::format(
      "the scores of {} {} (population stability index {:.2f}, limit {:.2f}): {:.1f} % of the last {} were at or above the threshold, "
      "{:.1f} % of the {} that say what is usual",
      texts_of(kWatched[channel]), state.moved ? "have moved" : "are as usual again", index, settings_.limit, 100 * state.flagged,
      total(window), 100 * share_flagged(*state.usual), total(*state.usual));
  json::Writer(notice.detail)
      .begin_object()
      .field("channel", to_string(kWatched[channel]))
      .field("index", index)
      .field("limit", settings_.limit)
      .field("flagged", state.flagged)
      .field("usually_flagged", share_flagged(*state.usual))
      .end_object();
  return notice;
}

void Monitor::begin_anew() {
  const std::lock_guard lock(mutex_);
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    states_[channel] = {};
    states_[channel].before = counted(channel);
  }
}

void Monitor::write_status(json::Writer& writer) const {
  const std::lock_guard lock(mutex_);
  writer.begin_array();
  for (std::size_t channel = 0; channel < kChannels; ++channel) {
    const State& state = states_[channel];
    writer.begin_object().field("channel", to_string(kWatched[channel])).field("limit", settings_.limit);
    writer.field("usual", state.usual ? total(*state.usual) : std::uint64_t{0}).field("counted", total(since(channel)));
    writer.field("wanted", state.usual ? settings_.window : settings_.reference).field("moved", state.moved);
    if (state.index) writer.field("index", *state.index).field("flagged", state.flagged);
    if (state.usual) writer.field("usually_flagged", share_flagged(*state.usual));
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace bulwark::chat::drift
