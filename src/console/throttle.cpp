#include "console/throttle.h"

#include <algorithm>

namespace bulwark::console {

std::chrono::seconds Throttle::penalty(unsigned failures) {
  if (failures < kFreeFailures) return std::chrono::seconds(0);
  const unsigned doublings = std::min(failures - kFreeFailures, 10U);
  return std::min(kFirstWait * (1U << doublings), kLongestWait);
}

std::chrono::seconds Throttle::wait(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(std::string(key));
  if (found == keys_.end()) return std::chrono::seconds(0);
  const auto left = found->second.last + penalty(found->second.count) - clock_.mono();
  return std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(0));
}

void Throttle::failed(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const MonoTime now = clock_.mono();
  auto found = keys_.find(std::string(key));
  if (found == keys_.end()) {
    make_room();
    found = keys_.emplace(key, Failures{}).first;
  }
  Failures& failures = found->second;
  failures.count = now - failures.last >= kForgetAfter ? 1 : failures.count + 1;
  failures.last = now;
}

void Throttle::succeeded(std::string_view key) {
  const std::lock_guard lock(mutex_);
  keys_.erase(std::string(key));
}

void Throttle::make_room() {
  if (keys_.size() < kMaxKeys) return;
  const MonoTime now = clock_.mono();
  std::erase_if(keys_, [&](const auto& each) { return now - each.second.last >= kForgetAfter; });
  if (keys_.size() < kMaxKeys) return;
  keys_.erase(std::min_element(keys_.begin(), keys_.end(), [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
}

}  // namespace bulwark::console
