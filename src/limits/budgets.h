// What all limits of a process count with. Made once and kept over reloads, so that reloading forgives nobody.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/keyed_hash.h"
#include "base/rate_table.h"

namespace bulwark::limits {

/// How many requests of each key are in flight. Holds keys in flight only, so it is bounded by the connections there are.
class InFlightCounts {
 public:
  /// False: `limit` of them are in flight already; nothing was counted.
  bool enter(std::uint64_t key, std::uint32_t limit);
  void leave(std::uint64_t key);
  std::size_t keys() const;

 private:
  static constexpr std::size_t kStripes = 64;
  struct alignas(64) Stripe {
    mutable std::mutex mutex;
    std::unordered_map<std::uint64_t, std::uint32_t> counts;
  };
  Stripe& stripe(std::uint64_t key) { return stripes_[key % kStripes]; }
  std::array<Stripe, kStripes> stripes_;
};

struct Budgets {
  static constexpr std::size_t kDefaultKeys = 256 * 1024;  ///< 4 MiB
  explicit Budgets(std::size_t keys = kDefaultKeys) : rates(keys) {}

  const KeyedHash hash;
  RateTable rates;
  InFlightCounts in_flight;
};

}  // namespace bulwark::limits
