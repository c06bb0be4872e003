// One connection to PostgreSQL, logged in as one role: opened by the session that needs it, used by one session at a time, kept by
// the pool in between.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "database/leg.h"
#include "database/parameters.h"
#include "database/policy.h"
#include "database/prepared.h"
#include "database/server_login.h"

namespace bulwark::database {

/// As whom and how a connection is opened. Sessions whose keys are equal may use one connection after another: a setting given at
/// start-up belongs to the key, since it is what RESET goes back to.
struct BackendLogin {
  std::vector<std::pair<std::string, std::string>> parameters;  ///< of the start-up packet, user and database among them
  std::optional<ScramSecret> secret;
  std::string key;  ///< of all parameters
  std::string role_and_database;
  bool replication = false;

  static BackendLogin of(std::vector<std::pair<std::string, std::string>> parameters, std::optional<ScramSecret> secret);
};

/// The cancel requests on their way to a connection. It outlives the connection as long as one of them needs it.
struct CancelTally {
  int on_the_way = 0;
  bool lost = false;  ///< one may still arrive at any time: the connection must not be handed on
};

class Backend {
 public:
  enum class Opening : std::uint8_t { pending, ready, refused };

  Backend(net::Reactor& reactor, std::shared_ptr<const Policy> policy, const BackendLogin& login);

  /// Who hears of its readiness from now on; called on the reactor's thread.
  void serve(std::function<void()> on_ready) { leg.notify(std::move(on_ready)); }

  void open();
  /// Moves the login on by what is in `leg.in`. A refusal's reason: refusal().
  Opening advance();
  /// Whether the login came so far that a failure is no longer one of reaching PostgreSQL at all.
  bool connecting() const { return state_ == State::connecting; }
  bool ready() const { return state_ == State::ready; }
  /// What PostgreSQL reported at login, whatever sessions have set since. Not nullptr once ready.
  const std::shared_ptr<const Parameters>& at_login() const { return at_login_; }
  const Refusal& refusal() const { return refusal_; }

  const std::string& key() const { return key_of_login_; }
  const std::string& role_and_database() const { return role_and_database_; }
  const wire::postgres::BackendKey& cancel_key() const { return cancel_key_; }
  const std::shared_ptr<CancelTally>& cancels() const { return cancels_; }
  MonoTime born() const { return born_; }

  Leg leg;
  Parameters parameters;       ///< as they are now
  KnownStatements statements;  ///< prepared on it, of sessions that share it
  std::string notices;         ///< said while logging in
  MonoTime expires{};          ///< while idle: when the pool closes it
  std::shared_ptr<void> slot;  ///< its place in the pool, given back with it

 private:
  enum class State : std::uint8_t { closed, connecting, tls, login, ready, refused };
  Opening advance_login();
  Opening refuse(Refusal refusal);
  void logged_in();

  std::shared_ptr<const Policy> policy_;
  std::unique_ptr<ServerLogin> login_;
  State state_ = State::closed;
  Refusal refusal_;
  std::string key_of_login_;
  std::string role_and_database_;
  wire::postgres::BackendKey cancel_key_;
  std::shared_ptr<const Parameters> at_login_;
  std::shared_ptr<CancelTally> cancels_ = std::make_shared<CancelTally>();
  MonoTime born_;
};

}  // namespace bulwark::database
