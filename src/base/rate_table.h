// How often each of very many keys may do something: the generic cell rate algorithm (ITU-T I.371) in 16 bytes a key, in a
// table of fixed size. One table serves all workers, lock-striped: a limit then counts what a client does, not what it
// does per worker it happens to reach, and an uncontended stripe costs some 20 ns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/clock.h"

namespace bulwark {

/// `burst` at once, and one more every `interval` on average.
struct Rate {
  Duration interval{std::chrono::milliseconds(10)};  ///< > 0
  std::uint32_t burst = 1;                           ///< ≥ 1
};

struct RateAnswer {
  bool allowed = false;
  std::uint32_t remaining = 0;  ///< how many more would be allowed right now
  Duration retry_after{0};      ///< refused: until the same would be allowed
  Duration reset{0};            ///< until the whole burst is there again
};

class RateTable {
 public:
  static constexpr std::size_t kWays = 8;  ///< slots a key may stand in
  static constexpr std::size_t kStripes = 64;

  /// Rounded up to a power of two of at least kWays × kStripes keys.
  explicit RateTable(std::size_t capacity);
  ~RateTable();
  RateTable(const RateTable&) = delete;
  RateTable& operator=(const RateTable&) = delete;

  /// Takes `cost` (at least 1) from what `key` may do; a refusal takes nothing. More than the
  /// burst at once is never allowed. `key`: a keyed hash, evenly distributed.
  /// When its slots are all in use, the key that has recovered most is forgotten: the worst offenders stay remembered.
  RateAnswer take(std::uint64_t key, const Rate& rate, MonoTime now, std::uint32_t cost = 1);
  std::size_t capacity() const;

 private:
  struct Stripe;
  struct Slot;
  std::size_t buckets_;
  std::unique_ptr<Stripe[]> stripes_;
};

}  // namespace bulwark
