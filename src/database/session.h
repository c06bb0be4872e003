// One client's connection from accept to close: its login, a connection to PostgreSQL of its own or from the pool, then the relay.
// Moves the bytes; what they mean is decided by ClientLogin, Backend and Relay.
#pragma once

#include <memory>
#include <optional>

#include "database/client_login.h"
#include "database/leg.h"
#include "database/pool.h"
#include "database/relay.h"

namespace bulwark::database {

/// What a session asks of the worker it lives on.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual wire::postgres::BackendKey issue_key(std::uint64_t session, std::uint32_t process) = 0;
  virtual void retire_key(const wire::postgres::BackendKey& key) = 0;
  virtual void cancel(const wire::postgres::BackendKey& key) = 0;
  /// The session is over; it is destroyed after the current turn.
  virtual void ended(std::uint64_t session) = 0;
  virtual void count_refusal(bool upstream) = 0;
  virtual Pools& pools() = 0;
};

/// A connection to PostgreSQL on which a session's statement may be cancelled now.
struct CancelTarget {
  wire::postgres::BackendKey key;
  std::shared_ptr<CancelTally> tally;
};

class Session final : public PoolUser {
 public:
  /// `crowded`: there is no room for it; it is told so once it can be trusted to listen.
  Session(SessionOwner& owner, WorkerContext& worker, std::uint64_t id, const Endpoint& client, bool crowded);
  ~Session() override;

  /// On an error the connection is closed and the session must be dropped.
  Result<void> start(net::Stream stream);
  /// Ends now if nothing runs or is open in a transaction (`force`: in any case); otherwise when that is so.
  void drain(bool force);
  /// Nothing while the session has no connection to PostgreSQL.
  std::optional<CancelTarget> cancel_target() const;
  void granted(std::unique_ptr<Backend> backend) override;

 private:
  enum class Phase : std::uint8_t { client_login, client_tls, waiting, opening, relay, closing, closed };
  static constexpr int kMaxRounds = 64;              ///< of one turn; then the other sessions have their go
  static constexpr std::chrono::seconds kLinger{2};  ///< for a client to take our last words

  void run();
  bool step();
  void hold_for_record();
  std::size_t most_from_server() const;
  bool step_client_login();
  bool step_waiting();
  bool step_opening();
  bool step_relay();
  bool step_parting();
  bool step_closing();
  bool refuse_blocked_login();
  void take_login();
  void acquire();
  void take(std::unique_ptr<Backend> backend);
  void opened();
  void log_in(const Parameters& parameters, std::string_view notices);
  void give_back();
  void give_up_backend();
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
  net::Timer timer_;
  SessionInfo info_;
  std::unique_ptr<ClientLogin> client_login_;
  std::shared_ptr<const BackendLogin> login_;
  PoolMode pool_mode_ = PoolMode::none;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<Relay> relay_;
  std::optional<wire::postgres::BackendKey> our_key_;
  const bool crowded_;
  bool draining_ = false;
  bool half_closed_ = false;  ///< towards the server
  bool half_closed_client_ = false;
  bool running_ = false;
  bool again_ = false;
  bool awaiting_record_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace bulwark::database
