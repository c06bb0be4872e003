// Counting failures, setting aside, coming back.
#include "gateway/upstream/health.h"

namespace bulwark::gateway {
namespace {

std::int64_t to_ns(MonoTime time) { return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count(); }

}  // namespace

bool ServerHealth::failed(unsigned threshold, MonoTime now, Duration set_aside) {
  if (failures_.fetch_add(1, std::memory_order_relaxed) + 1 < threshold) return false;
  const bool news = !this->set_aside(now);
  aside_until_ns_.store(to_ns(now) + set_aside.count(), std::memory_order_relaxed);
  return news;
}

void ServerHealth::succeeded() {
  if (failures_.load(std::memory_order_relaxed) == 0) return;  // the common case writes nothing
  failures_.store(0, std::memory_order_relaxed);
  aside_until_ns_.store(0, std::memory_order_relaxed);
}

bool ServerHealth::set_down(bool down) {
  const bool news = down_.exchange(down, std::memory_order_relaxed) != down;
  if (news && !down) succeeded();
  return news;
}

bool ServerHealth::set_aside(MonoTime now) const {
  const std::int64_t until = aside_until_ns_.load(std::memory_order_relaxed);
  return until != 0 && until > to_ns(now);
}

std::shared_ptr<ServerHealth> HealthBoard::find(const std::string& upstream, const Endpoint& server) {
  const std::lock_guard lock(mutex_);
  auto& health = servers_[upstream + " " + server.text()];
  if (!health) health = std::make_shared<ServerHealth>();
  return health;
}

void HealthBoard::forget_unused() {
  const std::lock_guard lock(mutex_);
  std::erase_if(servers_, [](const auto& entry) { return entry.second.use_count() == 1; });
}

}  // namespace bulwark::gateway
