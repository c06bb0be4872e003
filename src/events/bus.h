// Facts go up: each thread publishes into a spool segment of its own that is mapped into memory, so an event outlives kill -9
// the moment publish() returns, without a system call; one bus thread hands events on to detectors and to the store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "events/event.h"

namespace bulwark::events {

class Store;

/// One per thread; not thread-safe. Never blocks and never allocates on the common path.
class Publisher {
 public:
  virtual ~Publisher() = default;
  /// True: the event is in the spool and will reach detectors and store, also over a kill -9.
  /// False: it could not be kept (spool full, disk full); it was counted, and a loss event follows when there is room.
  virtual bool publish(const Event& event) = 0;
  std::uint64_t lost() const { return lost_; }

 protected:
  std::uint64_t lost_ = 0;
};

/// Sees every event once, in each publisher's order, on the bus thread. Views in the event die when it returns.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  virtual void on_event(const Event& event) = 0;
  /// After each batch, and at least every 100 ms: time-driven work, flushes.
  virtual void on_tick(WallTime now) { (void)now; }
};

struct BusSettings {
  std::string directory;  ///< of the spool
  std::size_t segment_bytes = 8 * 1024 * 1024;
  std::size_t max_spool_bytes = 1024 * 1024 * 1024;  ///< past it publish() refuses, aloud
};

class Bus {
 public:
  /// Replays into `store` what an earlier process left in the spool. `store` may be nullptr (then events only reach subscribers).
  static Result<std::unique_ptr<Bus>> create(BusSettings settings, Store* store, const Clock& clock = system_clock());
  virtual ~Bus() = default;

  /// Thread-safe. The publisher lives as long as the bus.
  virtual Result<Publisher*> add_publisher(std::string_view name) = 0;
  /// Before start().
  virtual void subscribe(Subscriber& subscriber) = 0;
  virtual Result<void> start() = 0;
  /// Returns when all that was published before the call has been handed on and is in the store.
  virtual void flush() = 0;
  virtual void stop() = 0;  ///< drains, then joins
};

}  // namespace bulwark::events
