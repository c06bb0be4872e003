// Time as a dependency: monotonic time for timeouts, wall time (UTC) for what people and records read.
// Components take a Clock& so that tests decide what time it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace bulwark {

using Duration = std::chrono::nanoseconds;
using MonoTime = std::chrono::steady_clock::time_point;

/// Nanoseconds since 1970-01-01T00:00:00Z.
using WallTime = std::int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonoTime mono() const = 0;
  virtual WallTime wall() const = 0;
};

/// The machine's clocks; one shared, stateless instance.
const Clock& system_clock();

/// Stands still until told otherwise.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = 1'700'000'000'000'000'000) : wall_(start) {}
  MonoTime mono() const override { return mono_; }
  WallTime wall() const override { return wall_; }
  void advance(Duration by) {
    mono_ += std::chrono::duration_cast<MonoTime::duration>(by);
    wall_ += by.count();
  }

 private:
  MonoTime mono_{std::chrono::hours(1)};
  WallTime wall_;
};

/// RFC 3339 in UTC with milliseconds: "2026-11-23T01:16:51.042Z".
std::string to_rfc3339(WallTime time);

}  // namespace bulwark
