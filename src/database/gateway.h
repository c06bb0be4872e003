// The database gateway as a whole: one listener served on every worker's reactor, PostgreSQL behind it, everything it follows in
// one snapshot that a reload replaces.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "audit/log.h"
#include "control/table.h"
#include "crypto/master_key.h"
#include "database/guard.h"
#include "database/settings.h"
#include "events/bus.h"
#include "net/reactor.h"
#include "trace/in_flight.h"

namespace bulwark::database {

struct Dependencies {
  events::Bus* bus = nullptr;                  ///< may be nullptr: nothing is recorded
  const trace::InFlight* in_flight = nullptr;  ///< may be nullptr: statements are tied to no request
  const control::Table* control = nullptr;     ///< may be nullptr
  audit::Log* audit = nullptr;                 ///< started after the gateway is made; may be nullptr: no audit log
  crypto::Key secret;                          ///< for keyed hashes of values
};

/// Summed over the workers.
struct Counters {
  std::uint64_t sessions = 0;  ///< since the start
  std::uint64_t open_sessions = 0;
  std::uint64_t logins_refused = 0;
  std::uint64_t upstream_errors = 0;
  std::uint64_t cancels = 0;
};

/// Created before the reactors run; destroyed after they stopped.
class Gateway {
 public:
  static Result<std::unique_ptr<Gateway>> create(Settings settings, std::vector<std::shared_ptr<const Guard>> guards,
                                                 std::vector<net::Reactor*> reactors, Dependencies dependencies);
  virtual ~Gateway() = default;

  virtual const Endpoint& bound() const = 0;
  /// Thread-safe. The files that `settings` names are read again; on an Error the old policy stays in force.
  /// Statements follow the new policy at once, logins from the next connection on.
  virtual Result<void> reload(Settings settings, std::vector<std::shared_ptr<const Guard>> guards) = 0;
  virtual Counters counters() const = 0;  ///< thread-safe
  /// Stops accepting, ends idle sessions as they become idle and the rest after `grace`; thread-safe.
  virtual void drain(std::chrono::milliseconds grace) = 0;
};

}  // namespace bulwark::database
