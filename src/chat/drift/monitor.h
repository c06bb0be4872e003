// Watches whether the scores of the model in force still lie where they lay when it was new: another public, another app, or somebody who
// feels his way along the threshold. One thread compares; requests only count.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "chat/drift/histogram.h"
#include "chat/mode.h"
#include "chat/notice.h"
#include "chat/safety_settings.h"
#include "wire/json/writer.h"

namespace bulwark::chat::drift {

inline constexpr std::size_t kChannels = 2;
inline constexpr std::array<Channel, kChannels> kWatched = {Channel::user, Channel::data};

class Monitor {
 public:
  /// Where what is usual is kept over a restart; called by the monitor's own thread.
  using Save = std::function<void(Channel channel, const Histogram& usual)>;
  using Usual = std::array<std::optional<Histogram>, kChannels>;

  Monitor(const DriftSettings& settings, Usual usual, Save save, Tell tell);
  ~Monitor();

  /// `score`: above the threshold, without the route's margin. Any thread; a counter of the thread's own shard.
  void note(Channel channel, float score);
  /// What comes from now on is what is usual.
  void begin_anew();
  /// An array: of each channel what is usual, how many of the window are there, the last comparison.
  void write_status(json::Writer& writer) const;
  /// Compares what is to be compared; the thread does so once a second.
  void check();

 private:
  static constexpr std::size_t kShards = 16;
  struct alignas(64) Shard {
    std::array<std::array<std::atomic<std::uint32_t>, kBins>, kChannels> counts{};
  };
  struct State {
    std::optional<Histogram> usual;
    Histogram before{};  ///< the counters when the window began
    std::optional<double> index;
    double flagged = 0;  ///< share of the last whole window
    bool moved = false;
  };
  void run();
  Histogram counted(std::size_t channel) const;
  Histogram since(std::size_t channel) const;
  std::optional<Notice> compare(std::size_t channel, const Histogram& window);

  const DriftSettings settings_;
  const Save save_;
  const Tell tell_;
  std::array<Shard, kShards> shards_;
  mutable std::mutex mutex_;
  std::array<State, kChannels> states_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bulwark::chat::drift
