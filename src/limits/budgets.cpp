// Counting of requests in flight.
#include "limits/budgets.h"

namespace bulwark::limits {

bool InFlightCounts::enter(std::uint64_t key, std::uint32_t limit) {
  Stripe& at = stripe(key);
  const std::scoped_lock lock(at.mutex);
  std::uint32_t& count = at.counts[key];
  if (count >= limit) return false;
  ++count;
  return true;
}

void InFlightCounts::leave(std::uint64_t key) {
  Stripe& at = stripe(key);
  const std::scoped_lock lock(at.mutex);
  const auto found = at.counts.find(key);
  if (found != at.counts.end() && --found->second == 0) at.counts.erase(found);
}

std::size_t InFlightCounts::keys() const {
  std::size_t sum = 0;
  for (const auto& each : stripes_) {
    const std::scoped_lock lock(each.mutex);
    sum += each.counts.size();
  }
  return sum;
}

}  // namespace bulwark::limits
