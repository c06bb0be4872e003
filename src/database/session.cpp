// The phases of a session.
#include "database/session.h"

#include <algorithm>

#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

constexpr std::size_t kLoginLimit = 64 * 1024;
constexpr std::size_t kChunk = 64 * 1024;
constexpr std::size_t kMostFromServer = 2 * 1024 * 1024;

}  // namespace

Session::Session(SessionOwner& owner, WorkerContext& worker, std::uint64_t id, const Endpoint& client, bool crowded)
    : owner_(owner),
      worker_(worker),
      id_(id),
      client_(worker.reactor, [this] { run(); }),
      timer_(worker.reactor, [this] { on_timer(); }),
      client_login_(std::make_unique<ClientLogin>(worker.policy)),
      crowded_(crowded) {
  info_.client = client;
}

Session::~Session() {
  *alive_ = false;
  if (phase_ == Phase::waiting) owner_.pools().forget(*this, *login_);
  if (our_key_) owner_.retire_key(*our_key_);
}

Result<void> Session::start(net::Stream stream) {
  timer_.arm(worker_.policy->settings.login_timeout);
  TRY(client_.open(std::move(stream)));
  return {};
}

std::optional<CancelTarget> Session::cancel_target() const {
  if (phase_ != Phase::relay || backend_ == nullptr) return std::nullopt;
  return CancelTarget{backend_->cancel_key(), backend_->cancels()};
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
    const std::size_t login_limit = phase_ == Phase::client_tls ? 0 : relay_ != nullptr ? whole : kLoginLimit;
    const bool room = backend_ == nullptr || backend_->leg.waiting() < Relay::kHighWater;
    bool moved = client_.fill(!relaying ? login_limit : room ? whole : 0);
    if (backend_ != nullptr) {
      // While connecting, reading would take the error that finish_connect() asks for.
      const std::size_t answer_limit = backend_->connecting() ? 0 : kLoginLimit;
      moved |= backend_->leg.fill(!relaying ? answer_limit : client_.waiting() < Relay::kHighWater ? most_from_server() : 0);
    }
    moved |= step();
    if (phase_ == Phase::closed) break;
    hold_for_record();
    moved |= client_.flush();
    if (backend_ != nullptr) moved |= backend_->leg.flush();
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

std::size_t Session::most_from_server() const { return std::max(kMostFromServer, relay_->awaited_from_server()); }

/// Nothing goes out before what has to be on record is durable; the trail calls back then.
void Session::hold_for_record() {
  if (relay_ == nullptr) return;
  const audit::Ticket result = relay_->result_awaits();
  const audit::Ticket execution = relay_->execution_awaits();
  client_.hold(!worker_.audit.durable(result));
  if (backend_ != nullptr) backend_->leg.hold(!worker_.audit.durable(execution));
  const audit::Ticket both = std::max(result, execution);
  if (awaiting_record_ || worker_.audit.durable(both)) return;
  awaiting_record_ = true;
  worker_.audit.wait(both, alive_, [this](bool given_up) {
    awaiting_record_ = false;
    if (given_up) {
      worker_.log.refusal(info_, {"58030", "a record could not be written in time, so its result was withheld", "database.audit", {}},
                          worker_.reactor.wall());
      close();
    }
    run();
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
    case Phase::waiting: return step_waiting();
    case Phase::opening: return step_opening();
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
    case ClientLogin::Step::done: take_login(); return true;
  }
  return false;
}

/// Once the role is named, under TLS and before any proof is computed: an earlier error could not be trusted by the client.
bool Session::refuse_blocked_login() {
  if (client_login_->user().empty()) return false;
  info_.user = client_login_->user();
  info_.database = client_login_->database();
  info_.application = client_login_->application();
  auto reason = worker_.examiner.ordered_refusal(info_, worker_.reactor.wall());
  if (!reason && crowded_) reason = Refusal{"53300", "sorry, too many clients already", "database.pool", {}};
  if (reason) refuse(*reason);
  return reason.has_value();
}

void Session::take_login() {
  if (refuse_blocked_login()) return;
  login_ = std::make_shared<const BackendLogin>(BackendLogin::of(client_login_->parameters(), client_login_->secret()));
  pool_mode_ = login_->replication ? PoolMode::none : worker_.policy->settings.pool.mode;
  client_login_.reset();
  if (pool_mode_ == PoolMode::transaction) {
    // What PostgreSQL tells a client at login is known once a session of its kind has been there.
    if (const auto known = owner_.pools().welcome(*login_)) return log_in(*known, {});
  }
  acquire();
}

void Session::acquire() {
  if (pool_mode_ == PoolMode::none) return take(std::make_unique<Backend>(worker_.reactor, worker_.policy, *login_));
  auto backend = owner_.pools().acquire(*this, worker_.policy, login_);
  if (!backend.ok()) return refuse({"53300", backend.error().message, "database.pool", {}});
  if (*backend != nullptr) return take(std::move(*backend));
  phase_ = Phase::waiting;
  timer_.arm(worker_.policy->settings.pool.queue_timeout);
}

void Session::granted(std::unique_ptr<Backend> backend) {
  take(std::move(backend));
  run();
}

void Session::take(std::unique_ptr<Backend> backend) {
  backend_ = std::move(backend);
  backend_->serve([this] { run(); });
  phase_ = Phase::opening;
  if (backend_->ready()) return opened();
  timer_.arm(worker_.policy->settings.connect_timeout);
  backend_->open();
}

bool Session::step_waiting() {
  if (!client_.ended()) return false;
  close();
  return true;
}

bool Session::step_opening() {
  if (client_.ended()) return close(), true;
  const auto before = backend_->leg.in.size() + backend_->leg.out.size();
  switch (backend_->advance()) {
    case Backend::Opening::pending: return before != backend_->leg.in.size() + backend_->leg.out.size();
    case Backend::Opening::refused: refuse(Refusal(backend_->refusal())); return true;
    case Backend::Opening::ready: opened(); return true;
  }
  return false;
}

void Session::opened() {
  timer_.cancel();
  if (relay_ == nullptr) {
    const bool shared = pool_mode_ == PoolMode::transaction;
    if (shared) owner_.pools().learn_welcome(*login_, backend_->at_login());
    log_in(shared ? *backend_->at_login() : backend_->parameters, backend_->notices);
  }
  if (backend_ == nullptr) return;  // the gateway is shutting down
  backend_->notices.clear();
  phase_ = Phase::relay;
  relay_->attach(*backend_, client_.out);
}

void Session::log_in(const Parameters& parameters, std::string_view notices) {
  namespace wire = wire::postgres;
  timer_.cancel();
  // The secret is ours; the number is the connection's, by which the client finds itself in pg_locks and in notifications.
  const bool keeps_connection = pool_mode_ != PoolMode::transaction && backend_ != nullptr;
  our_key_ = owner_.issue_key(id_, keeps_connection ? backend_->cancel_key().process : 0);
  wire::write_authentication(client_.out, wire::Authentication::kOk, "");
  for (const auto& [name, value] : parameters) wire::write_parameter_status(client_.out, name, value);
  client_.out.append(notices);
  wire::write_backend_key(client_.out, *our_key_);
  wire::write_ready_for_query(client_.out, wire::TransactionState::idle);
  relay_ = std::make_unique<Relay>(worker_, info_, parameters, pool_mode_);
  phase_ = Phase::relay;
  worker_.log.login(info_, client_.stream().encrypted(), worker_.reactor.wall());
  if (draining_) drain(false);
}

bool Session::step_relay() {
  if (backend_ == nullptr) return step_parting();
  Leg& server = backend_->leg;
  const std::size_t before = client_.in.size() + server.in.size();
  if (server.waiting() < Relay::kHighWater && relay_->from_client(client_.in, server.out, client_.out) == Relay::Step::close)
    return begin_closing(), true;
  if (client_.waiting() < Relay::kHighWater && relay_->from_server(server.in, client_.out) == Relay::Step::close)
    return begin_closing(), true;
  bool moved = before != client_.in.size() + server.in.size();
  if (server.failed() || (server.ended() && server.in.empty())) {
    relay_->server_lost();
    if (relay_->terminated() || relay_->server_said_why() || client_.ended()) return begin_closing(), true;
    end_with("08006", "PostgreSQL closed the connection unexpectedly");
    return true;
  }
  const bool leaving = client_.ended() || relay_->terminated();
  if (pool_mode_ != PoolMode::none && relay_->at_rest() && server.in.empty() && server.drained() &&
      (leaving || (pool_mode_ == PoolMode::transaction && !relay_->pinned()))) {
    give_back();
    if (!leaving) return true;
    close();
    return true;
  }
  // A client that hangs up or says goodbye: the server hears it the same way, and ends the session itself.
  if (leaving && server.drained() && phase_ == Phase::relay && !half_closed_) {
    half_closed_ = true;
    server.stream().shutdown_write();
    moved = true;
  }
  if (draining_ && relay_->at_rest() && client_.in.empty() && !relay_->terminated()) {
    end_with("57P01", "terminating connection: the gateway is shutting down");
    return true;
  }
  return moved;
}

/// Between two transactions, without a connection to PostgreSQL.
bool Session::step_parting() {
  if (draining_) return end_with("57P01", "terminating connection: the gateway is shutting down"), true;
  if (!client_.in.empty() && client_.in.view()[0] == wire::postgres::frontend::kTerminate) return close(), true;
  if (!relay_->has_work(client_.in)) {
    if (client_.ended()) close();
    return phase_ == Phase::closed;
  }
  acquire();
  return true;
}

/// The connection goes back to the pool; `relay_` knows whether anything of this session is left on it.
void Session::give_back() {
  const bool reset = pool_mode_ == PoolMode::session || relay_->pinned() || relay_->stale();
  relay_->detach();
  owner_.pools().release(std::move(backend_), worker_.policy->settings.pool, reset);
}

/// The connection is of no more use to anybody. Destroyed at the end of the turn: it may be the one that is calling us.
void Session::give_up_backend() {
  if (relay_ != nullptr) relay_->server_lost();
  if (backend_ == nullptr) return;
  if (relay_ != nullptr) relay_->detach();
  backend_->leg.close();
  worker_.reactor.defer([gone = std::shared_ptr<Backend>(std::move(backend_))]() mutable { gone.reset(); });
}

void Session::drain(bool force) {
  draining_ = true;
  if (phase_ == Phase::closing || phase_ == Phase::closed) return;
  if (force || (phase_ == Phase::relay && relay_->at_rest()) || phase_ == Phase::client_login)
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
  if (phase_ == Phase::waiting) owner_.pools().forget(*this, *login_);
  give_up_backend();
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
  if (phase_ == Phase::waiting) owner_.pools().forget(*this, *login_);
  give_up_backend();
  phase_ = Phase::closed;
  timer_.cancel();
  client_.close();
  owner_.ended(id_);
}

void Session::on_timer() {
  if (phase_ == Phase::closing || phase_ == Phase::client_tls) return close();
  if (phase_ == Phase::client_login)
    refuse({"08006", "login took too long", "database.login", {}});
  else if (phase_ == Phase::waiting)
    refuse({"53300", "no connection to PostgreSQL became free in time", "database.pool", {}});
  else
    refuse({"08001", "PostgreSQL did not answer in time", "database.upstream", {}});
  run();
}

}  // namespace bulwark::database
