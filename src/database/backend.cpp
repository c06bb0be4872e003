// Opening a connection: TCP, TLS, login.
#include "database/backend.h"

#include <algorithm>

namespace bulwark::database {

BackendLogin BackendLogin::of(std::vector<std::pair<std::string, std::string>> parameters, std::optional<ScramSecret> secret) {
  BackendLogin login;
  std::string role;
  std::string database;
  auto sorted = parameters;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [name, value] : sorted) {
    // Neither holds a zero byte: both came from zero-terminated strings.
    login.key.append(name).push_back('\0');
    login.key.append(value).push_back('\0');
    if (name == "user") role = value;
    if (name == "database") database = value;
    login.replication |= name == "replication";
  }
  login.role_and_database = role + '\0' + database;
  login.parameters = std::move(parameters);
  login.secret = std::move(secret);
  return login;
}

Backend::Backend(net::Reactor& reactor, std::shared_ptr<const Policy> policy, const BackendLogin& login)
    : leg(reactor, [] {}),
      policy_(std::move(policy)),
      login_(std::make_unique<ServerLogin>(policy_, login.parameters, login.secret)),
      key_of_login_(login.key),
      role_and_database_(login.role_and_database),
      born_(reactor.now()) {}

void Backend::open() {
  state_ = State::connecting;
  auto stream = net::Stream::connect(policy_->settings.upstream);
  if (!stream.ok() || !leg.open(std::move(*stream)).ok()) (void)refuse({"08001", "PostgreSQL cannot be reached", "database.upstream", {}});
}

Backend::Opening Backend::advance() {
  if (state_ == State::ready) return Opening::ready;
  if (state_ == State::refused) return Opening::refused;
  if (state_ == State::connecting) {
    if (!leg.writable()) return Opening::pending;
    if (!leg.stream().finish_connect().ok()) return refuse({"08001", "PostgreSQL cannot be reached", "database.upstream", {}});
    login_->connected(leg.out);
    state_ = State::login;
  }
  if (state_ == State::tls && !leg.handshaking() && !leg.failed()) {
    login_->tls_started(channel_binding(leg.stream().ssl(), true), leg.out);
    state_ = State::login;
  }
  return advance_login();
}

Backend::Opening Backend::advance_login() {
  if (state_ == State::login && !leg.in.empty()) {
    switch (login_->advance(leg.in, leg.out)) {
      case ServerLogin::Step::need_bytes: break;
      case ServerLogin::Step::start_tls:
        state_ = State::tls;
        if (!leg.start_tls_client(policy_->upstream_tls).ok())
          return refuse({"08001", "TLS to PostgreSQL cannot be started", "database.upstream", {}});
        return Opening::pending;
      case ServerLogin::Step::refused: return refuse(login_->refusal());
      case ServerLogin::Step::done: logged_in(); return Opening::ready;
    }
  }
  if (leg.failed() || leg.ended())
    return refuse({"08006",
                   state_ == State::tls ? "the TLS handshake with PostgreSQL failed" : "PostgreSQL closed the connection during login",
                   "database.upstream",
                   {}});
  return Opening::pending;
}

Backend::Opening Backend::refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  state_ = State::refused;
  return Opening::refused;
}

void Backend::logged_in() {
  cancel_key_ = login_->key();
  parameters = login_->parameters();
  at_login_ = std::make_shared<const Parameters>(parameters);
  notices = login_->notices();
  login_.reset();
  state_ = State::ready;
}

}  // namespace bulwark::database
