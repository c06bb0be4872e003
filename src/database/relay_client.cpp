// The client's half of the relay: framing, examination, and what is awaited in answer.
#include "database/relay.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;
namespace type = wire::frontend;

constexpr std::uint32_t kMaxControlBody = 64 * 1024;  // of Execute, Describe, Close, Sync, Flush

/// Messages of a login are over when there is a relay.
bool may_come(char kind) { return wire::is_frontend_type(kind) && kind != type::kPassword; }

bool is_statement(char kind) { return kind == type::kQuery || kind == type::kParse || kind == type::kFunctionCall; }

/// SQL and the protocol share their names of statements and cursors: what SQL made was examined, but is not known here by its name.
std::shared_ptr<const StatementRecord> unseen(std::string_view what) {
  auto record = std::make_shared<StatementRecord>();
  record->shape = what;
  record->command = Command::execute;
  return record;
}

}  // namespace

Relay::Relay(WorkerContext& worker, SessionInfo session, Parameters reported, PoolMode mode)
    : worker_(worker),
      session_(std::move(session)),
      reported_(std::move(reported)),
      mode_(mode),
      standard_conforming_strings_(reported_.get("standard_conforming_strings") != "off") {
  protect();
}

Relay::Step Relay::from_client(Buffer& in, std::string& to_server, std::string& to_client) {
  while (!in.empty() && to_server.size() < kHighWater && pending_.size() < kMaxPending && !terminated_) {
    if (pass_to_server_ > 0 || drop_from_client_ > 0) {
      std::size_t& left = pass_to_server_ > 0 ? pass_to_server_ : drop_from_client_;
      const std::size_t now = std::min(left, in.size());
      if (&left == &pass_to_server_) to_server.append(in.view().substr(0, now));
      left -= now;
      in.consume(now);
      continue;
    }
    if (worker_.policy->protection != protection_ && protection_changed())
      return violation(to_client, "the rules for protected columns have changed: connect again");
    const auto header = wire::read_header(in.view());
    if (!header.ok()) return violation(to_client, header.error().message);
    if (!header->has_value()) return Step::wait;
    const auto [kind, body_bytes] = **header;
    if (!may_come(kind)) return violation(to_client, "invalid frontend message type");

    if (skipping_ && shares() && kind != type::kSync && kind != type::kTerminate) {
      drop_from_client_ = wire::kHeaderBytes + body_bytes;  // the server would skip it unread, and so do we
      continue;
    }
    if (kind != type::kCopyData && kind != type::kCopyDone && kind != type::kCopyFail && holds()) break;
    if (kind == type::kQuery && !pending_.empty() && results_may_be_denied()) break;  // what state it finds must be known
    if (shares() && in_doubt(kind, in.view().substr(wire::kHeaderBytes, body_bytes))) break;
    if (kind == type::kBind) {
      const std::size_t before = in.size();
      if (start_bind(**header, in, to_server, to_client) == Step::close) return Step::close;
      if (in.size() == before && pass_to_server_ == 0) return Step::wait;
      continue;
    }
    if (kind == type::kCopyData) {
      pass_to_server_ = wire::kHeaderBytes + body_bytes;
      continue;
    }
    if (body_bytes > longest_body(kind)) {
      if (!is_statement(kind)) return violation(to_client, "message longer than allowed");
      if (oversized(**header, to_server) == Step::close) return violation(to_client, "message longer than allowed");
      in.consume(wire::kHeaderBytes);
      drop_from_client_ = body_bytes;
      continue;
    }
    const std::size_t size = wire::kHeaderBytes + body_bytes;
    if (in.size() < size) return Step::wait;
    const Step step = client_message(**header, in.view().substr(0, size), to_server, to_client);
    in.consume(size);
    if (step == Step::close) return step;
  }
  answer_known(to_client);
  return Step::wait;
}

std::size_t Relay::longest_body(char kind) const {
  return is_statement(kind) ? worker_.policy->settings.max_statement.bytes : kMaxControlBody;
}

bool Relay::has_work(const Buffer& in) const {
  const auto header = wire::read_header(in.view());
  if (!header.ok()) return true;
  if (!header->has_value()) return false;
  const auto [kind, body_bytes] = **header;
  // A Bind is begun before it is there as a whole; what is too long is refused by its length, whatever else comes of it.
  const std::size_t begun = kind == type::kBind ? 2 * (wire::kMaxNameBytes + 1) + 1 : longest_body(kind);
  const bool refused = !may_come(kind) || (kind != type::kBind && body_bytes > begun);
  return refused || in.size() >= wire::kHeaderBytes + std::min<std::size_t>(body_bytes, begun);
}

/// Of a Bind only the names at its front are read, unless a guard or the audit wants the values; else they are streamed.
Relay::Step Relay::start_bind(wire::Header header, Buffer& in, std::string& to_server, std::string& to_client) {
  const auto names = wire::read_bind_names(in.view().substr(wire::kHeaderBytes, header.body_bytes));
  if (!names.ok()) return violation(to_client, names.error().message);
  if (!names->has_value()) {
    if (in.size() >= wire::kHeaderBytes + header.body_bytes) return violation(to_client, "malformed Bind message");
    return Step::wait;
  }
  if (portals_.size() >= kMaxPrepared) return violation(to_client, "too many portals");
  if (const auto step = read_values(header, (*names)->statement, in, to_server, to_client)) return *step;
  const auto prepared = seals() ? prepared_.find(std::string((*names)->statement)) : prepared_.end();
  if (prepared != prepared_.end() && prepared->second->record->sealed != nullptr) {
    const std::size_t whole = wire::kHeaderBytes + header.body_bytes;
    if (header.body_bytes > worker_.policy->settings.max_statement.bytes)
      return violation(to_client, "values for encrypted columns longer than max_statement");
    if (in.size() < whole) return Step::wait;
    const auto step =
        sealed_bind(header, **names, *prepared->second->record->sealed, in.view().substr(wire::kHeaderBytes, header.body_bytes), to_server);
    in.consume(whole);
    return step;
  }
  const std::size_t rewritten = shares() ? share_bind(header, **names, to_server) : 0;
  bind(**names);
  if (shares()) expect_unknown((*names)->statement);
  in.consume(rewritten);
  pass_to_server_ = wire::kHeaderBytes + header.body_bytes - rewritten;
  return Step::wait;
}

/// A step: the Bind is not to be passed on, or not yet. A denied one is replaced like a denied statement.
std::optional<Relay::Step> Relay::read_values(wire::Header header, std::string_view statement, Buffer& in, std::string& to_server,
                                              std::string& to_client) {
  bound_.reset();
  const auto prepared = prepared_.find(std::string(statement));
  if (prepared == prepared_.end() || !Examiner::wants_values(*worker_.policy, *prepared->second->record)) return std::nullopt;
  const std::shared_ptr<const StatementRecord> record = prepared->second->record;
  if (header.body_bytes > worker_.policy->settings.max_statement.bytes) {
    if (record->watched.empty()) return std::nullopt;  // for the audit alone: it does without
    return violation(to_client, "values that have to be checked are longer than max_statement");
  }
  const std::size_t whole = wire::kHeaderBytes + header.body_bytes;
  if (in.size() < whole) return Step::wait;
  const auto message = wire::read_bind(in.view().substr(wire::kHeaderBytes, header.body_bytes));
  if (!message.ok()) return violation(to_client, message.error().message);
  bound_ = worker_.examiner.bind(*worker_.policy, session_, record, *message);
  if (!bound_->refusal) return std::nullopt;
  wire::write_parse(to_server, std::string(kSharedNamePrefix) + "denied", kRefusedSql);
  await(Kind::bind, std::exchange(bound_, nullptr), whole);
  in.consume(whole);
  return Step::wait;
}

Relay::Step Relay::client_message(wire::Header header, std::string_view whole, std::string& to_server, std::string& to_client) {
  const std::string_view body = whole.substr(wire::kHeaderBytes);
  switch (header.type) {
    case type::kQuery: return query(body, whole, to_server, to_client);
    case type::kParse: return parse(body, whole, to_server, to_client);
    case type::kExecute:
      // A statement prepared earlier is not examined again: without a record it may not run either.
      if (auto unrecordable = worker_.audit.refusal(worker_.policy->settings.audit)) {
        StatementRecord record;
        record.refusal = std::move(unrecordable);
        return end_session(record, to_client);
      }
      if (filter_ != nullptr) probe(body, to_server);
      if (execute(body, to_server) == Step::close) return violation(to_client, "malformed Execute message");
      return Step::wait;
    case type::kDescribe: {
      const auto target = wire::read_named_target(body);
      if (!target.ok()) return violation(to_client, "malformed Describe message");
      const bool sent = shares() && share_target(header.type, *target, to_server);
      Pending* described = await(Kind::describe);
      const auto prepared = prepared_.find(std::string(target->name));
      if (described != nullptr && target->kind == 'S' && prepared != prepared_.end()) described->described = prepared->second->record;
      if (sent) expect_unknown(target->name);
      if (sent) return Step::wait;
      break;
    }
    case type::kClose:
      if (close_target(body) == Step::close) return violation(to_client, "malformed Close message");
      if (shares() && body[0] == 'S') return Step::wait;  // other sessions may use it
      break;
    case type::kSync:
      // PostgreSQL ignores a Sync that it reads while rows are copied in.
      if (!copying_in_) await(Kind::sync);
      break;
    case type::kCopyDone:
    case type::kCopyFail:
      copying_in_ = false;
      await(Kind::copy_end);
      break;
    case type::kTerminate:
      terminated_ = true;
      if (mode_ != PoolMode::none && at_rest()) return Step::wait;  // the connection lives on
      break;
    case type::kFunctionCall: {
      const bool allowed = worker_.policy->settings.allow_function_call || Examiner::exempt(*worker_.policy, session_);
      if (allowed && !keeps_columns()) {
        auto record = std::make_shared<StatementRecord>();
        record->shape = "function call by the protocol";
        await(Kind::query, std::move(record), whole.size());
        break;
      }
      auto record = std::make_shared<StatementRecord>();
      record->refusal = Refusal{"42501", "FunctionCall is not allowed through this gateway", "database.function_call", {}};
      wire::write_query(to_server, kRefusedSql);
      await(Kind::query, std::move(record), whole.size());
      return Step::wait;
    }
    default: break;  // Flush
  }
  to_server.append(whole);
  return Step::wait;
}

std::shared_ptr<const StatementRecord> Relay::examine(std::string_view sql) {
  auto record = worker_.examiner.examine(*worker_.policy, session_, sql, {standard_conforming_strings_}, worker_.reactor.wall());
  if (shares()) record = check_sharing(std::move(record));
  if (seals()) record = seal(std::move(record), sql);
  auto unrecordable = worker_.audit.refusal(worker_.policy->settings.audit);
  if (!unrecordable || record->refusal) return record;
  auto refused = std::make_shared<StatementRecord>(*record);
  refused->refusal = std::move(unrecordable);
  return refused;
}

Relay::Step Relay::query(std::string_view body, std::string_view whole, std::string& to_server, std::string& to_client) {
  const auto sql = wire::read_query(body);
  if (!sql.ok()) return violation(to_client, sql.error().message);
  auto record = examine(*sql);
  if (record->ends_session) return end_session(*record, to_client);
  std::shared_ptr<const PreparedStatement> deallocated;
  if (shares() && !record->refusal) deallocated = share_deallocate(*record, to_server);
  auto followed = follow(record.get());
  const bool wrapped = wraps(*record, followed.get());
  if (wrapped) wire::write_query(to_server, "BEGIN");
  bool trial = false;
  if (record->refusal)
    trial = write_refused_query(*record, *sql, to_server);
  else if (record->sealed != nullptr)
    wire::write_query(to_server, record->sealed->sql);
  else if (deallocated == nullptr)
    to_server.append(whole);
  // A simple query drops the unnamed statement and portal.
  const auto unnamed = prepared_.find("");
  auto replaced = unnamed == prepared_.end() ? nullptr : unnamed->second;
  drop("");
  portals_.erase("");
  if (shares()) {
    backend_->statements.forget_unnamed();
    note_session_state(record.get());
  }
  const std::string name = deallocated == nullptr ? "" : record->facts->session.deallocates;
  if (Pending* pending = await(Kind::query, std::move(record), whole.size())) {
    pending->followed = std::move(followed);
    pending->trial = trial;
    if (wrapped) pending->wrap = Wrap::begins;
    if (deallocated != nullptr) pending->instead = "DEALLOCATE";
    pending->name = name;
    pending->statement = std::move(deallocated);
    pending->replaced = std::move(replaced);
  }
  return Step::wait;
}

/// What the grammar known here does not have is parsed by PostgreSQL, never run: its error has the right words, place and fields. Should it
/// know such a statement, what stands behind it fails. True: so it was done; not where our Sync could end what the client's has to.
bool Relay::write_refused_query(const StatementRecord& record, std::string_view sql, std::string& to_server) const {
  const bool trial = record.tried && pending_.empty() && !unsynced_ && !skipping_;
  if (!trial) return wire::write_query(to_server, kRefusedSql), false;
  wire::write_parse(to_server, "", sql);
  wire::write_parse(to_server, "", kRefusedSql);
  wire::Message(to_server, type::kSync).finish();
  return true;
}

Relay::Step Relay::parse(std::string_view body, std::string_view whole, std::string& to_server, std::string& to_client) {
  const auto message = wire::read_parse(body);
  if (!message.ok()) return violation(to_client, message.error().message);
  if (prepared_.size() >= kMaxPrepared || prepared_bytes_ + body.size() > kMaxPreparedBytes)
    return violation(to_client, "too many prepared statements");
  auto record = examine(message->sql);
  if (record->ends_session) return end_session(*record, to_client);
  std::string sealed;
  if (record->sealed != nullptr && !record->refusal) {
    auto made = sealed_parse(*message, body, *record->sealed);
    if (!made.ok()) return violation(to_client, "malformed Parse message");
    sealed = *std::move(made);
    body = sealed;
  }
  if (shares()) return share_parse(*message, body, std::move(record), to_server);
  if (record->refusal) {
    const bool trial = record->tried && message->statement.empty();
    if (trial) to_server.append(whole);
    wire::write_parse(to_server, message->statement, kRefusedSql);
    if (Pending* pending = await(Kind::parse, std::move(record), whole.size())) pending->trial = trial;
    return Step::wait;
  }
  if (sealed.empty())
    to_server.append(whole);
  else
    wire::Message(to_server, type::kParse).bytes(sealed).finish();
  auto statement = std::make_shared<const PreparedStatement>(PreparedStatement{record, {}, {}});
  if (Pending* pending = await(Kind::parse, std::move(record), whole.size())) {
    pending->name = message->statement;
    pending->statement = statement;
    keep(message->statement, std::move(statement));
  }
  return Step::wait;
}

void Relay::keep(std::string_view name, std::shared_ptr<const PreparedStatement> statement) {
  drop(name);
  prepared_bytes_ += statement->rest.size();
  prepared_.insert_or_assign(std::string(name), std::move(statement));
}

void Relay::drop(std::string_view name) {
  const auto found = prepared_.find(std::string(name));
  if (found == prepared_.end()) return;
  prepared_bytes_ -= found->second->rest.size();
  prepared_.erase(found);
}

void Relay::bind(const wire::BindNames& names) {
  if (!await(Kind::bind)) return bound_.reset();
  const auto statement = prepared_.find(std::string(names.statement));
  suspended_.erase(std::string(names.portal));
  auto bound = std::exchange(bound_, nullptr);
  if (bound == nullptr) bound = statement != prepared_.end() ? statement->second->record : unseen("a statement prepared in SQL");
  portals_[std::string(names.portal)] = std::move(bound);
}

Relay::Step Relay::execute(std::string_view body, std::string& to_server) {
  const auto message = wire::read_execute(body);
  if (!message.ok()) return Step::close;
  const auto portal = portals_.find(std::string(message->portal));
  const auto record = portal != portals_.end() ? portal->second : unseen("a cursor declared in SQL");
  if (shares()) note_session_state(record.get());
  const Pending* pending = await(Kind::execute, record, body.size() + wire::kHeaderBytes);
  if (pending == nullptr || !hold_execute(*message, to_server)) wire::Message(to_server, type::kExecute).bytes(body).finish();
  return Step::wait;
}

Relay::Step Relay::close_target(std::string_view body) {
  const auto target = wire::read_named_target(body);
  if (!target.ok()) return Step::close;
  const bool of_statement = target->kind == 'S';
  Pending* pending = await(of_statement && shares() ? Kind::close_known : Kind::close);
  if (pending == nullptr) return Step::wait;
  if (!of_statement) {
    portals_.erase(std::string(target->name));
    return Step::wait;
  }
  pending->name = target->name;
  if (const auto found = prepared_.find(pending->name); found != prepared_.end()) pending->statement = found->second;
  drop(target->name);
  return Step::wait;
}

Relay::Step Relay::oversized(wire::Header header, std::string& to_server) {
  auto record = std::make_shared<StatementRecord>();
  record->refusal = Refusal{"54000", "statement longer than this gateway examines", "database.statement_limit", {}};
  // The name of an oversized Parse is not read: what follows fails until the next Sync anyway.
  if (header.type == type::kParse)
    wire::write_parse(to_server, "", kRefusedSql);
  else
    wire::write_query(to_server, kRefusedSql);
  if (shares()) backend_->statements.forget_unnamed();
  await(header.type == type::kParse ? Kind::parse : Kind::query, std::move(record), header.body_bytes);
  return Step::wait;
}

Relay::Pending* Relay::await(Kind kind, std::shared_ptr<const StatementRecord> record, std::uint64_t bytes) {
  if (skipping_ && kind != Kind::sync) return nullptr;
  skipping_ = false;
  unsynced_ |= kind != Kind::query && kind != Kind::sync;
  Pending& added = pending_.emplace_back();
  added.kind = kind;
  added.record = std::move(record);
  added.began = worker_.reactor.now();
  added.bytes_in = bytes;
  const bool runs = added.record != nullptr && !added.record->refusal && (kind == Kind::query || kind == Kind::execute);
  if (!runs || worker_.policy->settings.audit.durable != AuditDurable::before_execution) return &added;
  added.opened = true;
  execution_awaits_ = std::max(execution_awaits_, put_on_record(AuditMoment::opened, added));
  return &added;
}

Relay::Step Relay::violation(std::string& to_client, std::string_view message) {
  wire::write_error(to_client, {.severity = "FATAL", .sqlstate = "08P01", .message = message});
  worker_.log.refusal(session_, {"08P01", std::string(message), "database.protocol", {}}, worker_.reactor.wall());
  return Step::close;
}

Relay::Step Relay::end_session(const StatementRecord& record, std::string& to_client) {
  wire::write_error(to_client, {.severity = "FATAL", .sqlstate = record.refusal->sqlstate, .message = record.refusal->message});
  worker_.log.statement(session_, record, {}, worker_.reactor.wall());
  return Step::close;
}

}  // namespace bulwark::database
