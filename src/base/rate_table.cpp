// Set-associative slots of (key, theoretical arrival time); a bucket of kWays slots is two cache lines.
#include "base/rate_table.h"

#include <algorithm>
#include <bit>
#include <mutex>
#include <vector>

namespace bulwark {

struct RateTable::Slot {
  std::uint64_t key = 0;
  std::int64_t arrival = 0;  ///< when the key's debt is paid off, in nanoseconds of the monotonic clock; 0: free
};

struct alignas(64) RateTable::Stripe {
  std::mutex mutex;
  std::vector<Slot> slots;
};

namespace {

/// GCRA proper: moves `arrival` on if `cost` fits in the burst.
RateAnswer decide(std::int64_t& arrival, const Rate& rate, std::int64_t now, std::uint32_t cost) {
  const std::int64_t interval = rate.interval.count();
  const std::int64_t burst = interval * rate.burst;
  const std::int64_t begin = std::max(arrival, now);
  const std::int64_t end = begin + interval * std::min(cost, rate.burst);
  RateAnswer answer;
  answer.allowed = cost <= rate.burst && end - now <= burst;
  if (answer.allowed) arrival = end;
  const std::int64_t debt = std::max<std::int64_t>(std::max(arrival, now) - now, 0);
  answer.remaining = static_cast<std::uint32_t>(std::max<std::int64_t>(burst - debt, 0) / interval);
  answer.retry_after = Duration(answer.allowed ? 0 : std::max<std::int64_t>(end - now - burst, 0));
  answer.reset = Duration(debt);
  return answer;
}

}  // namespace

RateTable::RateTable(std::size_t capacity)
    : buckets_(std::bit_ceil(std::max(capacity, kWays * kStripes)) / kWays), stripes_(new Stripe[kStripes]) {
  for (std::size_t i = 0; i < kStripes; ++i) stripes_[i].slots.resize(buckets_ / kStripes * kWays);
}

RateTable::~RateTable() = default;

std::size_t RateTable::capacity() const { return buckets_ * kWays; }

RateAnswer RateTable::take(std::uint64_t key, const Rate& rate, MonoTime now_point, std::uint32_t cost) {
  const std::int64_t now = now_point.time_since_epoch().count();
  const std::size_t bucket = key & (buckets_ - 1);
  Stripe& stripe = stripes_[bucket % kStripes];
  const std::scoped_lock lock(stripe.mutex);
  Slot* const first = stripe.slots.data() + bucket / kStripes * kWays;
  Slot* chosen = first;
  for (Slot* slot = first; slot != first + kWays; ++slot) {
    if (slot->arrival != 0 && slot->key == key) {
      chosen = slot;
      break;
    }
    if (slot->arrival < chosen->arrival) chosen = slot;
  }
  if (chosen->key != key) *chosen = {key, 0};
  return decide(chosen->arrival, rate, now, cost);
}

}  // namespace bulwark
