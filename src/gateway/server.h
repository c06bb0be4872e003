// The gateway as a whole: workers that accept, parse, run pipelines and proxy. Everything it serves is one immutable snapshot.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "control/table.h"
#include "events/bus.h"
#include "gateway/refusal_observer.h"
#include "gateway/route.h"
#include "net/reactor.h"
#include "net/tls.h"
#include "trace/in_flight.h"

namespace bulwark::gateway {

struct ListenerConfig {
  Endpoint at;
  std::shared_ptr<const net::TlsServer> tls;  ///< nullptr: in clear
  std::string name = "edge";                  ///< named in events
  bool access_events = true;
  std::size_t max_connections_per_worker = 20'000;
  std::vector<IpPrefix> trusted_proxies;  ///< whose X-Forwarded-For names the client; empty: nobody's
};

/// Swapped whole on reload. Exchanges in progress end on the one they began with.
struct Snapshot {
  RouteTable routes{{}};
  std::shared_ptr<const net::TlsServer> tls;        ///< of the listener; replaces ListenerConfig::tls on reload
  std::shared_ptr<const RefusalObserver> refusals;  ///< may be nullptr
  Limits limits;                                    ///< of a connection until a request's route is known
};

/// Counters of one listener summed over its workers.
struct Counters {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t denied = 0;
  std::uint64_t upstream_errors = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t open_connections = 0;
};

struct Dependencies {
  events::Bus* bus = nullptr;               ///< may be nullptr: no events
  trace::InFlight* in_flight = nullptr;     ///< may be nullptr: requests are not registered
  bool keep_inputs = true;                  ///< of requests in flight; false where nobody looks for them
  const control::Table* control = nullptr;  ///< may be nullptr
};

/// One listener served on each of the given reactors. Created before the reactors run; destroyed after they stopped.
class Server {
 public:
  static Result<std::unique_ptr<Server>> create(ListenerConfig config, std::shared_ptr<const Snapshot> snapshot,
                                                std::vector<net::Reactor*> reactors, Dependencies dependencies);
  virtual ~Server() = default;
  virtual const Endpoint& bound() const = 0;
  virtual void reload(std::shared_ptr<const Snapshot> snapshot) = 0;  ///< thread-safe, loses nothing
  virtual Counters counters() const = 0;                              ///< thread-safe
  /// Stops accepting and lets exchanges in progress end, at most `grace`; thread-safe.
  virtual void drain(std::chrono::milliseconds grace) = 0;
};

}  // namespace bulwark::gateway
