// Cancelling a running statement: clients hold keys of ours, never the server's, so that a key can only ever reach the session
// that it was given to, and a cancel request is delivered on a connection of its own as the protocol wants it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "database/leg.h"
#include "database/policy.h"
#include "wire/postgres/reply.h"

namespace bulwark::database {

/// The keys given out by all workers. Thread-safe.
class CancelKeys {
 public:
  /// Where a key leads: which worker, and which of its sessions.
  struct Route {
    std::size_t worker = 0;
    std::uint64_t session = 0;
  };
  /// `process`: shown to the client as its server's process id; 0: any number.
  wire::postgres::BackendKey issue(Route route, std::uint32_t process = 0);
  void retire(const wire::postgres::BackendKey& key);
  std::optional<Route> find(const wire::postgres::BackendKey& key) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, Route> routes_;
};

/// Takes one cancel request to PostgreSQL and waits until it hangs up, which says that the signal was sent.
class CancelDelivery {
 public:
  static constexpr std::chrono::seconds kTimeout{5};

  /// `on_end` is called once, from the reactor; the delivery may be destroyed then. Not `delivered`: it may have arrived all the same.
  CancelDelivery(net::Reactor& reactor, std::shared_ptr<const Policy> policy, wire::postgres::BackendKey key,
                 std::function<void(bool delivered)> on_end);
  void start();

 private:
  enum class State : std::uint8_t { connecting, tls_answer, handshake, sent, ended };
  void run();
  bool step();
  void send_request();
  void end(bool delivered);

  std::shared_ptr<const Policy> policy_;
  wire::postgres::BackendKey key_;
  std::function<void(bool delivered)> on_end_;
  Leg leg_;
  net::Timer timer_;
  State state_ = State::connecting;
};

}  // namespace bulwark::database
