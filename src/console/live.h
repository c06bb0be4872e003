// What the Live page shows, second by second: events counted by plane and outcome, request latencies, the gateway's counters
// and the events worth a look. Counts on the bus thread and pushes each finished second to every open stream.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "console/latency_histogram.h"
#include "events/bus.h"
#include "gateway/handler.h"
#include "gateway/server.h"

namespace bulwark::json {
class Writer;
}

namespace bulwark::console {

/// What is not on the bus; asked once a second, the incidents only after one changed. Any may be empty.
struct LiveSources {
  std::function<gateway::Counters()> gateway;
  std::function<std::size_t()> entries_in_force;
  std::function<std::size_t()> open_incidents;
};

class Live final : public events::Subscriber {
 public:
  static constexpr std::size_t kHistorySeconds = 300;
  static constexpr std::size_t kMaxStreams = 64;
  static constexpr std::size_t kNotablePerSecond = 20;
  static constexpr std::size_t kOrdinaryPerSecond = 5;
  static constexpr std::size_t kRecentEvents = 60;
  static constexpr std::size_t kPlanes = 11;

  explicit Live(LiveSources sources) : sources_(std::move(sources)) {}

  void on_event(const events::Event& event) override;
  void on_tick(WallTime now) override;

  /// Begins a server-sent event stream: "history" at once, then "second" each second until the client leaves or `alive`
  /// says no. False: too many streams.
  bool add(std::shared_ptr<gateway::Responder> responder, gateway::HeaderPairs headers, std::function<bool()> alive);

 private:
  enum Outcome : std::uint8_t { allowed, blocked, failed, other, kOutcomes };
  struct Second {
    std::int64_t at = 0;  ///< seconds since 1970
    std::array<std::array<std::uint32_t, kOutcomes>, kPlanes> planes{};
    std::array<std::uint32_t, 3> latency_us{};  ///< p50, p95, p99 of requests
  };
  struct Stream {
    std::shared_ptr<gateway::Responder> responder;
    std::function<bool()> alive;
  };
  static Outcome outcome_of(const events::Event& event);
  static void append_second(json::Writer& writer, const Second& second);
  void finish_second(std::int64_t now);
  void append_totals(json::Writer& writer);
  void keep(std::string event);
  std::string second_message();
  std::string history_message();
  void push(const std::string& message);

  const LiveSources sources_;
  std::mutex mutex_;
  Second current_;
  LatencyHistogram latencies_;
  std::deque<Second> history_;
  std::vector<std::string> events_;  ///< of the current second, as JSON
  std::size_t notable_ = 0;
  std::size_t ordinary_ = 0;
  std::deque<std::string> recent_;  ///< newest last
  std::vector<Stream> streams_;
  bool incidents_changed_ = true;
  std::size_t open_incidents_ = 0;
};

}  // namespace bulwark::console
