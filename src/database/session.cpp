// The phases of a session.
#include "database/session.h"

#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

constexpr std::size_t kLoginLimit = 64 * 1024;
constexpr std::size_t kChunk = 64 * 1024;

}  // namespace

Session::Session(SessionOwner& owner, WorkerContext& worker, std::uint64_t id, const Endpoint& client)
    : owner_(owner),
      worker_(worker),
      id_(id),
      client_(worker.reactor, [this] { run(); }),
      server_(worker.reactor, [this] { run(); }),
      timer_(worker.reactor, [this] { on_timer(); }),
      client_login_(std::make_unique<ClientLogin>(worker.policy)) {
  info_.client = client;
}

Session::~Session() {
  *alive_ = false;
  if (our_key_) owner_.retire_key(*our_key_);
}

Result<void> Session::start(net::Stream stream) {
  timer_.arm(worker_.policy->settings.login_timeout);
  TRY(client_.open(std::move(stream)));
  return {};
}

std::optional<wire::postgres::BackendKey> Session::server_key() const {
  return phase_ == Phase::relay ? std::optional(server_key_) : std::nullopt;
}

/// Moves bytes and steps until nothing changes any more.
void Session::run() {
  if (running_) {
    again_ = true;
    return;
  }
  running_ = true;
  for (int round = 0; round < kMaxRounds && phase_ != Phase::closed; ++round) {
    again_ = false;
    const bool relaying = phase_ == Phase::relay;
    const std::size_t whole = worker_.policy->settings.max_statement.bytes + kChunk;
    // Once TLS is agreed nothing more may be read in clear: the next bytes are the handshake's.
    const std::size_t login_limit = phase_ == Phase::client_tls ? 0 : kLoginLimit;
    bool moved = client_.fill(!relaying ? login_limit : server_.waiting() < Relay::kHighWater ? whole : 0);
    // While connecting, reading would take the error that finish_connect() asks for.
    const std::size_t answer_limit = phase_ == Phase::connecting ? 0 : kLoginLimit;
    moved |= server_.fill(!relaying ? answer_limit : client_.waiting() < Relay::kHighWater ? 2 * 1024 * 1024 : 0);
    moved |= step();
    if (phase_ == Phase::closed) break;
    moved |= client_.flush();
    moved |= server_.flush();
    if (!moved && !again_) {
      running_ = false;
      return;
    }
  }
  running_ = false;
  if (phase_ == Phase::closed) return;
  worker_.reactor.post([this, alive = alive_] {
    if (*alive) run();
  });
}

bool Session::step() {
  if (client_.failed() && phase_ != Phase::closed) {
    close();
    return true;
  }
  switch (phase_) {
    case Phase::client_login:
    case Phase::client_tls: return step_client_login();
    case Phase::connecting: return step_connecting();
    case Phase::server_login:
    case Phase::server_tls: return step_server_login();
    case Phase::relay: return step_relay();
    case Phase::closing: return step_closing();
    case Phase::closed: return false;
  }
  return false;
}

bool Session::step_client_login() {
  if (client_.ended()) return close(), true;
  if (phase_ == Phase::client_tls) {
    if (!client_.drained()) return false;  // the 'S' goes out in clear
    if (!client_.stream().encrypted()) {
      if (!client_.start_tls_server(worker_.policy->tls).ok()) return close(), true;
      return true;
    }
    if (client_.handshaking()) return false;
    client_login_->tls_started(channel_binding(client_.stream().ssl(), false));
    phase_ = Phase::client_login;
  }
  if (client_.in.empty()) return false;
  const ClientLogin::Step next = client_login_->advance(client_.in, client_.out);
  switch (next) {
    case ClientLogin::Step::need_bytes: return refuse_blocked_login();
    case ClientLogin::Step::start_tls: phase_ = Phase::client_tls; return true;
    case ClientLogin::Step::cancel:
      owner_.cancel(client_login_->cancel_key());
      close();
      return true;
    case ClientLogin::Step::refused:
      info_.user = client_login_->user();
      info_.database = client_login_->database();
      info_.application = client_login_->application();
      refuse(client_login_->refusal());
      return true;
    case ClientLogin::Step::done: connect(); return true;
  }
  return false;
}

/// Once the role is named, under TLS and before any proof is computed: an earlier error could not be trusted by the client.
bool Session::refuse_blocked_login() {
  if (client_login_->user().empty()) return false;
  info_.user = client_login_->user();
  info_.database = client_login_->database();
  info_.application = client_login_->application();
  const auto ordered = worker_.examiner.ordered_refusal(info_, worker_.reactor.wall());
  if (ordered) refuse(*ordered);
  return ordered.has_value();
}

void Session::connect() {
  if (refuse_blocked_login()) return;
  server_login_ = std::make_unique<ServerLogin>(worker_.policy, client_login_->parameters(), client_login_->secret());
  client_login_.reset();
  timer_.arm(worker_.policy->settings.connect_timeout);
  auto stream = net::Stream::connect(worker_.policy->settings.upstream);
  phase_ = Phase::connecting;
  if (!stream.ok() || !server_.open(std::move(*stream)).ok()) refuse({"08001", "PostgreSQL cannot be reached", "database.upstream", {}});
}

bool Session::step_connecting() {
  if (!server_.writable()) return false;
  if (!server_.stream().finish_connect().ok()) {
    refuse({"08001", "PostgreSQL cannot be reached", "database.upstream", {}});
    return true;
  }
  server_login_->connected(server_.out);
  phase_ = Phase::server_login;
  return true;
}

bool Session::step_server_login() {
  if (phase_ == Phase::server_tls && !server_.handshaking() && !server_.failed()) {
    server_login_->tls_started(channel_binding(server_.stream().ssl(), true), server_.out);
    phase_ = Phase::server_login;
    return true;
  }
  if (phase_ == Phase::server_login && !server_.in.empty()) {
    switch (server_login_->advance(server_.in, server_.out)) {
      case ServerLogin::Step::need_bytes: break;
      case ServerLogin::Step::start_tls:
        phase_ = Phase::server_tls;
        if (!server_.start_tls_client(worker_.policy->upstream_tls).ok())
          refuse({"08001", "TLS to PostgreSQL cannot be started", "database.upstream", {}});
        return true;
      case ServerLogin::Step::refused: refuse(server_login_->refusal()); return true;
      case ServerLogin::Step::done: logged_in(); return true;
    }
  }
  if (server_.failed() || server_.ended()) {
    const bool tls = phase_ == Phase::server_tls;
    refuse({"08006",
            tls ? "the TLS handshake with PostgreSQL failed" : "PostgreSQL closed the connection during login",
            "database.upstream",
            {}});
    return true;
  }
  if (client_.ended()) return close(), true;
  return false;
}

void Session::logged_in() {
  namespace wire = wire::postgres;
  timer_.cancel();
  server_key_ = server_login_->key();
  our_key_ = owner_.issue_key(id_);
  wire::write_authentication(client_.out, wire::Authentication::kOk, "");
  client_.out.append(server_login_->greeting());
  wire::write_backend_key(client_.out, *our_key_);
  wire::write_ready_for_query(client_.out, server_login_->state());
  relay_ = std::make_unique<Relay>(worker_, info_, server_login_->standard_conforming_strings());
  server_login_.reset();
  phase_ = Phase::relay;
  worker_.log.login(info_, client_.stream().encrypted(), worker_.reactor.wall());
  if (draining_) drain(false);
}

bool Session::step_relay() {
  const std::size_t before = client_.in.size() + server_.in.size();
  if (server_.waiting() < Relay::kHighWater && relay_->from_client(client_.in, server_.out, client_.out) == Relay::Step::close)
    return begin_closing(), true;
  if (client_.waiting() < Relay::kHighWater && relay_->from_server(server_.in, client_.out) == Relay::Step::close)
    return begin_closing(), true;
  bool moved = before != client_.in.size() + server_.in.size();
  if (server_.failed() || (server_.ended() && server_.in.empty())) {
    relay_->server_lost();
    if (relay_->terminated() || relay_->server_said_why() || client_.ended()) return begin_closing(), true;
    end_with("08006", "PostgreSQL closed the connection unexpectedly");
    return true;
  }
  // A client that hangs up or says goodbye: the server hears it the same way, and ends the session itself.
  if ((client_.ended() || relay_->terminated()) && server_.drained() && phase_ == Phase::relay && !half_closed_) {
    half_closed_ = true;
    server_.stream().shutdown_write();
    moved = true;
  }
  if (draining_ && relay_->idle() && client_.in.empty() && !relay_->terminated()) {
    end_with("57P01", "terminating connection: the gateway is shutting down");
    return true;
  }
  return moved;
}

void Session::drain(bool force) {
  draining_ = true;
  if (phase_ == Phase::closing || phase_ == Phase::closed) return;
  if (force || (phase_ == Phase::relay && relay_->idle()) || phase_ == Phase::client_login)
    end_with("57P01", "terminating connection: the gateway is shutting down");
  run();
}

void Session::refuse(const Refusal& refusal) {
  owner_.count_refusal(refusal.rule == "database.upstream");
  worker_.log.refusal(info_, refusal, worker_.reactor.wall());
  if (!refusal.raw.empty()) {
    client_.out.append(refusal.raw);
    begin_closing();
  } else {
    end_with(refusal.sqlstate, refusal.message);
  }
}

void Session::end_with(std::string_view sqlstate, std::string_view message) {
  wire::postgres::write_error(client_.out, {.severity = "FATAL", .sqlstate = sqlstate, .message = message});
  begin_closing();
}

void Session::begin_closing() {
  if (relay_ != nullptr) relay_->server_lost();
  server_.close();
  phase_ = Phase::closing;
  timer_.arm(kLinger);
  again_ = true;
}

/// Our last words must not be lost to a reset: what the client still sends is read and dropped until it hangs up.
bool Session::step_closing() {
  client_.in.consume(client_.in.size());
  if (client_.ended()) return close(), true;
  if (client_.drained() && !half_closed_client_) {
    half_closed_client_ = true;
    client_.stream().shutdown_write();
    return true;
  }
  return false;
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  if (relay_ != nullptr) relay_->server_lost();
  phase_ = Phase::closed;
  timer_.cancel();
  client_.close();
  server_.close();
  owner_.ended(id_);
}

void Session::on_timer() {
  if (phase_ == Phase::closing || phase_ == Phase::client_tls) return close();
  const bool upstream = phase_ != Phase::client_login;
  refuse({upstream ? "08001" : "08006",
          upstream ? "PostgreSQL did not answer in time" : "login took too long",
          upstream ? "database.upstream" : "database.login",
          {}});
  run();
}

}  // namespace bulwark::database
