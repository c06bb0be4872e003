// Which upstream servers take requests now: one board for all workers of a server, kept over reloads by address.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/ip.h"

namespace bulwark::gateway {

/// Of one server of one upstream. Lock-free; failures are counted by whoever sees them.
class ServerHealth {
 public:
  /// Passive: counts a failure; true if it is the one that sets the server aside.
  bool failed(unsigned threshold, MonoTime now, Duration set_aside);
  void succeeded();
  /// Active: what the last checks said; true if that is news.
  bool set_down(bool down);
  bool down() const { return down_.load(std::memory_order_relaxed); }
  bool set_aside(MonoTime now) const;
  bool usable(MonoTime now) const { return !down() && !set_aside(now); }

 private:
  std::atomic<unsigned> failures_{0};
  std::atomic<std::int64_t> aside_until_ns_{0};  // steady clock; 0: not
  std::atomic<bool> down_{false};
};

class HealthBoard {
 public:
  std::shared_ptr<ServerHealth> find(const std::string& upstream, const Endpoint& server);
  /// Forgets servers that no snapshot names any more.
  void forget_unused();

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ServerHealth>> servers_;
};

}  // namespace bulwark::gateway
