// What the relay does where sessions take turns on connections: settings and prepared statements follow a session to the connection
// it gets, what only one session can have keeps it on its connection, and what cannot work is refused in words.
#include <algorithm>

#include "database/relay.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;

/// Of the settings that PostgreSQL reports, those that a session may set. Reported, so what they are after any statement is known.
constexpr std::string_view kFollowing[] = {"application_name", "client_encoding",
                                           "DateStyle",        "IntervalStyle",
                                           "TimeZone",         "standard_conforming_strings",
                                           "search_path",      "default_transaction_read_only"};

bool follows(std::string_view reported) {
  return std::find(std::begin(kFollowing), std::end(kFollowing), reported) != std::end(kFollowing);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

/// Read the same whatever standard_conforming_strings is.
void append_set(std::string& sql, std::string_view name, std::string_view value) {
  sql.append("SET \"").append(name).append("\" TO E'");
  for (const char c : value) {
    if (c == '\'' || c == '\\') sql.push_back(c);
    sql.push_back(c);
  }
  sql.append("';");
}

}  // namespace

void Relay::attach(Backend& backend, std::string& to_client) {
  backend_ = &backend;
  if (!shares() || backend.parameters == reported_) return;
  std::string sets;
  Parameters now = reported_;
  for (const auto& [name, value] : reported_) {
    const std::string_view actual = backend.parameters.get(name);
    if (actual == value) continue;
    if (follows(name)) {
      append_set(sets, name, value);
    } else {
      wire::write_parameter_status(to_client, name, actual);
      now.set(name, actual);
    }
  }
  reported_ = std::move(now);
  if (sets.empty()) return;
  wire::write_query(backend.leg.out, sets);
  backend.statements.forget_unnamed();  // as any simple query does
  await(Kind::restore);
}

/// PostgreSQL would answer with the number that another session drew.
std::shared_ptr<const StatementRecord> Relay::check_sharing(std::shared_ptr<const StatementRecord> record) const {
  const bool alone = pinned_ || transaction_ != wire::TransactionState::idle || !pending_.empty();
  if (record->refusal || record->facts == nullptr || !record->facts->session.reads || alone) return record;
  auto refused = std::make_shared<StatementRecord>(*record);
  refused->refusal = Refusal{
      "0A000", "currval and lastval work only in the transaction of their nextval where connections are shared", "database.pool", {}};
  return refused;
}

/// A statement that leaves something behind keeps its session on this connection.
void Relay::note_session_state(const StatementRecord* record) {
  if (pinned_ || record == nullptr || record->refusal) return;
  pinned_ = record->unread;
  if (record->facts == nullptr) return;
  pinned_ = record->facts->session.stays;
  for (const auto& change : record->facts->settings) {
    // A reset goes back to what every connection of this login has.
    if (change.local || change.value.empty()) continue;
    const bool reported = std::any_of(std::begin(kFollowing), std::end(kFollowing),
                                      [&](std::string_view name) { return lower(name) == change.name && !reported_.get(name).empty(); });
    pinned_ |= !reported;
  }
}

/// Not nullptr: `DEALLOCATE name` concerns this session's name alone; a statement without any effect is sent in its place.
std::shared_ptr<const PreparedStatement> Relay::share_deallocate(const StatementRecord& record, std::string& to_server) {
  if (record.facts == nullptr || record.statements != 1) return nullptr;
  const auto found = prepared_.find(record.facts->session.deallocates);
  if (found == prepared_.end() || found->first.empty()) return nullptr;
  auto statement = found->second;
  drop(record.facts->session.deallocates);
  wire::write_query(to_server, "UNLISTEN bulwark");
  return statement;
}

void Relay::statement_succeeded(const StatementRecord& record) {
  if (!shares() || record.facts == nullptr) return;
  const SessionEffects& effects = record.facts->session;
  if (!effects.discards_all && !effects.deallocates_all) return;
  // What was sent behind it may have been prepared again already: then the connection is not to be shared before it is reset.
  const bool followed = std::any_of(pending_.begin(), pending_.end(), [](const Pending& each) { return each.kind != Kind::sync; });
  if (followed) {
    pinned_ = true;
    return;
  }
  backend_->statements.clear();
  prepared_.clear();
  prepared_bytes_ = 0;
  if (effects.discards_all) pinned_ = false;
}

Relay::Step Relay::share_parse(const wire::ParseMessage& message, std::string_view body, std::shared_ptr<const StatementRecord> record,
                               std::string& to_server) {
  const std::uint64_t bytes = body.size() + wire::kHeaderBytes;
  const bool named = !message.statement.empty();
  const bool taken = named && prepared_.contains(std::string(message.statement));
  if (record->refusal || taken) {
    const bool trial = record->refusal && record->tried && !named;
    if (trial) wire::Message(to_server, wire::frontend::kParse).bytes(body).finish();
    wire::write_parse(to_server, "", kRefusedSql);
    backend_->statements.forget_unnamed();
    Pending* pending = await(Kind::parse, record->refusal ? std::move(record) : nullptr, bytes);
    pending->trial = trial;
    if (!named) {
      if (const auto before = prepared_.find(""); before != prepared_.end()) pending->replaced = before->second;
      drop("");
    }
    if (taken && pending->record == nullptr)
      pending->error = std::make_shared<const Refusal>(
          Refusal{"42P05", "prepared statement \"" + std::string(message.statement) + "\" already exists", {}, {}});
    return Step::wait;
  }
  auto statement = PreparedStatement::shared(record, body, named);
  Pending* pending = nullptr;
  if (backend_->statements.knows(statement)) {
    pending = await(Kind::parse_known);
  } else {
    send_parse(statement, to_server);
    pending = await(Kind::parse, std::move(record), bytes);
  }
  pending->name = message.statement;
  pending->statement = statement;
  if (const auto before = prepared_.find(pending->name); before != prepared_.end()) pending->replaced = before->second;
  keep(message.statement, std::move(statement));
  return Step::wait;
}

/// Whether what this message means hangs on one that was sent before the last Sync and is not answered: had that failed, the server
/// would not skip this one. It waits for the answer then. (What follows without a Sync in between fails together.)
bool Relay::in_doubt(char type, std::string_view body) const {
  if (pending_.empty()) return false;
  if (std::string_view("QPBDCE").find(type) == std::string_view::npos) return false;
  if (type == wire::frontend::kDescribe || type == wire::frontend::kClose) body.remove_prefix(std::min<std::size_t>(1, body.size()));
  if (type == wire::frontend::kBind) body.remove_prefix(std::min(body.find('\0'), body.size() - 1) + 1);
  const std::string_view name = body.substr(0, body.find('\0'));
  // A Parse of another name may still be of the same text, and a Query may deallocate any.
  const bool parse = type == wire::frontend::kParse || type == wire::frontend::kQuery;
  const auto mine = parse ? prepared_.end() : prepared_.find(std::string(name));
  bool found = false;
  for (const auto& each : pending_) {
    if (found && each.kind == Kind::sync) return true;
    if (each.record != nullptr && each.record->facts != nullptr && !each.record->refusal &&
        (each.record->facts->session.discards_all || each.record->facts->session.deallocates_all)) {
      if (each.kind == Kind::query) return true;
      found |= each.kind == Kind::execute;
    }
    if (type == wire::frontend::kExecute) continue;
    if (each.kind == Kind::evict) {
      found |= parse || (mine != prepared_.end() && mine->second->name == each.name);
    } else if (each.statement != nullptr || each.replaced != nullptr) {
      found |= type == wire::frontend::kQuery || each.name == name ||
               (parse && each.statement != nullptr && !each.statement->name.empty()) ||
               (each.statement != nullptr && mine != prepared_.end() && !mine->second->name.empty() &&
                mine->second->name == each.statement->name);
    }
  }
  return false;
}

void Relay::send_parse(const std::shared_ptr<const PreparedStatement>& statement, std::string& to_server) {
  const std::string evicted = backend_->statements.add(statement);
  if (!evicted.empty()) {
    wire::Message(to_server, wire::frontend::kClose).u8('S').c_string(evicted).finish();
    await(Kind::evict)->name = evicted;
  }
  wire::Message(to_server, wire::frontend::kParse).c_string(statement->name).bytes(statement->rest).finish();
}

/// The connection may be another one than the statement was prepared on.
void Relay::ensure(const std::shared_ptr<const PreparedStatement>& statement, std::string& to_server) {
  if (backend_->statements.knows(statement)) return;
  send_parse(statement, to_server);
  await(Kind::replay)->statement = statement;
}

/// Sends the front of a Bind with the name that the connection knows; returns how many bytes of the client's that replaces.
std::size_t Relay::share_bind(wire::Header header, const wire::BindNames& names, std::string& to_server) {
  const auto found = prepared_.find(std::string(names.statement));
  std::string_view name = names.statement;
  if (found != prepared_.end()) {
    ensure(found->second, to_server);
    name = found->second->name;
  } else if (name.empty() || name.starts_with(kSharedNamePrefix)) {
    name = kSharedNamePrefix;  // what a connection has there may be another session's: a name that never is
  }
  const std::size_t front = names.portal.size() + 1 + names.statement.size() + 1;
  to_server.push_back(wire::frontend::kBind);
  const auto length = static_cast<std::uint32_t>(4 + header.body_bytes - names.statement.size() + name.size());
  for (int shift = 24; shift >= 0; shift -= 8) to_server.push_back(static_cast<char>(length >> shift));
  to_server.append(names.portal).push_back('\0');
  to_server.append(name).push_back('\0');
  return wire::kHeaderBytes + front;
}

/// True: sent, under the name that the connection knows.
bool Relay::share_target(char type, const wire::NamedTarget& target, std::string& to_server) {
  if (target.kind != 'S') return false;
  const auto found = prepared_.find(std::string(target.name));
  std::string_view name = target.name;
  if (found != prepared_.end()) {
    ensure(found->second, to_server);
    name = found->second->name;
  } else if (name.empty() || name.starts_with(kSharedNamePrefix)) {
    name = kSharedNamePrefix;
  }
  wire::Message(to_server, type).u8('S').c_string(name).finish();
  return true;
}

/// The message just sent refers to a statement that this session does not have, under a name that never is: in the client's words.
void Relay::expect_unknown(std::string_view name) {
  if (prepared_.contains(std::string(name)) || !(name.empty() || name.starts_with(kSharedNamePrefix))) return;
  pending_.back().error = std::make_shared<const Refusal>(Refusal{
      "26000",
      name.empty() ? "unnamed prepared statement does not exist" : "prepared statement \"" + std::string(name) + "\" does not exist",
      {},
      {}});
}

/// Answers that the client never hears of. True: `header`'s is one, and dealt with.
bool Relay::hidden(wire::Header header, std::string_view body, bool& fits) {
  if (pending_.empty() || !shares()) return false;
  const Kind kind = pending_.front().kind;
  if (kind == Kind::replay && header.type == wire::backend::kParseComplete) return pending_.pop_front(), true;
  if (kind == Kind::evict && header.type == wire::backend::kCloseComplete) return pending_.pop_front(), true;
  if (kind != Kind::restore) return false;
  switch (header.type) {
    case wire::backend::kCommandComplete: return true;
    case wire::backend::kParameterStatus: fits = parameter_changed(body); return true;
    case wire::backend::kReadyForQuery: fits = ready(body); return true;
    default: fits = false; return true;
  }
}

/// What the server need not be asked is answered when its turn has come.
void Relay::answer_known(std::string& to_client) {
  while (!pending_.empty() && (pending_.front().kind == Kind::parse_known || pending_.front().kind == Kind::close_known)) {
    const char type = pending_.front().kind == Kind::parse_known ? wire::backend::kParseComplete : wire::backend::kCloseComplete;
    wire::Message(to_client, type).finish();
    pending_.pop_front();
  }
}

/// The server did not obey this message, or skipped it: what was noted when it was sent is not so. Called from the last back.
void Relay::undo(Pending& pending) {
  const bool sent = pending.kind == Kind::parse || pending.kind == Kind::replay;
  if (sent && pending.statement != nullptr && backend_ != nullptr) backend_->statements.remove(*pending.statement);
  if (pending.kind == Kind::evict && backend_ != nullptr) backend_->statements.restore(pending.name);
  if (pending.kind == Kind::parse || pending.kind == Kind::parse_known) {
    const auto kept = prepared_.find(pending.name);
    if (pending.statement != nullptr && kept != prepared_.end() && kept->second == pending.statement) drop(pending.name);
  }
  const bool skipped = &pending != &pending_.front();
  // The server drops the unnamed statement when it begins with a query or with parsing another one, not when it skips that.
  if (pending.replaced != nullptr && skipped) keep("", pending.replaced);
  if (pending.kind == Kind::query && pending.statement != nullptr) keep(pending.name, pending.statement);
  if ((pending.kind == Kind::close || pending.kind == Kind::close_known) && pending.statement != nullptr)
    keep(pending.name, pending.statement);
}

}  // namespace bulwark::database
