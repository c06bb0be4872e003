// Numbers for Prometheus (text exposition format 0.0.4): counters that any thread adds to, gauges that are asked when read.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulwark::noc {

class Counter {
 public:
  void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  alignas(64) std::atomic<std::uint64_t> value_{0};  // a line of its own: neighbours belong to other threads
};

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Thread-safe. Names and label names are the program's own; label values may be any text.
class Metrics {
 public:
  static constexpr std::size_t kMaxSeries = 10'000;  ///< past it new series share one that is not shown

  /// The counter of this name and these labels; the same for the same. Lives as long as this.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  /// `read` is called on the thread that asks for the text, and must be quick.
  void gauge(std::string_view name, std::string_view help, const Labels& labels, std::function<double()> read);
  std::string text() const;

 private:
  struct Family {
    std::string help;
    bool is_counter = true;
    std::map<std::string, Counter*> counters;  ///< by their labels as text
    std::map<std::string, std::function<double()>> gauges;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
  std::deque<Counter> counters_;
  Counter overflow_;
};

}  // namespace bulwark::noc
