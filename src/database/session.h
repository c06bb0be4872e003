// One client's connection from accept to close: login on both legs, then the relay. The only part of the database room that
// does I/O for sessions; what the bytes mean is decided by ClientLogin, ServerLogin and Relay.
#pragma once

#include <memory>
#include <optional>

#include "database/client_login.h"
#include "database/leg.h"
#include "database/relay.h"
#include "database/server_login.h"

namespace bulwark::database {

/// What a session asks of the worker it lives on.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual wire::postgres::BackendKey issue_key(std::uint64_t session) = 0;
  virtual void retire_key(const wire::postgres::BackendKey& key) = 0;
  virtual void cancel(const wire::postgres::BackendKey& key) = 0;
  /// The session is over; it is destroyed after the current turn.
  virtual void ended(std::uint64_t session) = 0;
  virtual void count_refusal(bool upstream) = 0;
};

class Session {
 public:
  Session(SessionOwner& owner, WorkerContext& worker, std::uint64_t id, const Endpoint& client);
  ~Session();

  /// On an error the connection is closed and the session must be dropped.
  Result<void> start(net::Stream stream);
  /// Ends now if nothing runs or is open in a transaction (`force`: in any case); otherwise when that is so.
  void drain(bool force);
  /// The server's key, while there is a server session to cancel in.
  std::optional<wire::postgres::BackendKey> server_key() const;

 private:
  enum class Phase : std::uint8_t { client_login, client_tls, connecting, server_login, server_tls, relay, closing, closed };
  static constexpr int kMaxRounds = 64;              ///< of one turn; then the other sessions have their go
  static constexpr std::chrono::seconds kLinger{2};  ///< for a client to take our last words

  void run();
  bool step();
  bool step_client_login();
  bool step_connecting();
  bool step_server_login();
  bool step_relay();
  bool step_closing();
  bool refuse_blocked_login();
  void connect();
  void logged_in();
  void refuse(const Refusal& refusal);
  void end_with(std::string_view sqlstate, std::string_view message);
  void begin_closing();
  void close();
  void on_timer();

  SessionOwner& owner_;
  WorkerContext& worker_;
  const std::uint64_t id_;
  Phase phase_ = Phase::client_login;
  Leg client_;
  Leg server_;
  net::Timer timer_;
  SessionInfo info_;
  std::unique_ptr<ClientLogin> client_login_;
  std::unique_ptr<ServerLogin> server_login_;
  std::unique_ptr<Relay> relay_;
  std::optional<wire::postgres::BackendKey> our_key_;
  wire::postgres::BackendKey server_key_;
  bool draining_ = false;
  bool half_closed_ = false;  ///< towards the server
  bool half_closed_client_ = false;
  bool running_ = false;
  bool again_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace bulwark::database
