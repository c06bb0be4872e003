// Slows down guessing: after a few failures under one key (an account, a source address) each further one costs a wait that
// doubles. Thread-safe, bounded; the key that failed longest ago is forgotten first.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace bulwark::console {

class Throttle {
 public:
  static constexpr unsigned kFreeFailures = 5;
  static constexpr std::chrono::seconds kFirstWait{15};
  static constexpr std::chrono::seconds kLongestWait{300};  ///< short enough that nobody is locked out of their account for long
  static constexpr std::chrono::seconds kForgetAfter{900};
  static constexpr std::size_t kMaxKeys = 10'000;

  explicit Throttle(const Clock& clock) : clock_(clock) {}

  /// How long this key has to wait from now; zero: it may try.
  std::chrono::seconds wait(std::string_view key) const;
  void failed(std::string_view key);
  void succeeded(std::string_view key);

 private:
  struct Failures {
    unsigned count = 0;
    MonoTime last{};
  };
  static std::chrono::seconds penalty(unsigned failures);
  void make_room();

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Failures> keys_;
};

}  // namespace bulwark::console
