// What the relay does for guards that follow results: counts and shows them what comes, keeps back what one denies, and sees to it that
// the server fails as well. What the client sent behind such a statement waits until its result is complete, and a simple query that
// writes runs in a transaction of ours: so nothing is committed that a guard has yet to see.
#include <algorithm>

#include "database/parsed_statement.h"
#include "database/relay.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;
namespace type = wire::backend;

bool runs_in_a_transaction(Command command) {
  switch (command) {
    case Command::select:
    case Command::insert:
    case Command::update:
    case Command::delete_rows:
    case Command::merge:
    case Command::copy:
    case Command::explain: return true;
    default: return false;
  }
}

wire::ErrorReport report(const Finding& denial) { return {.sqlstate = denial.sqlstate, .message = denial.message}; }

}  // namespace

bool Relay::results_may_be_denied() const {
  const auto& guards = worker_.policy->guards;
  return std::any_of(guards.begin(), guards.end(), [](const auto& guard) { return guard->info().follows; });
}

/// The end of a copy belongs to its statement.
bool Relay::holds() const {
  const auto last = std::find_if(pending_.rbegin(), pending_.rend(), [](const Pending& each) { return each.kind != Kind::copy_end; });
  return last != pending_.rend() && last->followed != nullptr && last->followed->may_deny();
}

std::unique_ptr<FollowedResult> Relay::follow(const StatementRecord* record) const {
  if (record == nullptr || record->refusal || Examiner::exempt(*worker_.policy, session_)) return nullptr;
  return FollowedResult::of(worker_.policy->guards, {*record, session_});
}

bool Relay::wraps(const StatementRecord& record, const FollowedResult* followed) const {
  // Only where a count of rows decides: an update every result of which is looked at for honey rows need not cost two more round trips.
  if (followed == nullptr || followed->most_rows() == ResultCheck::kAny || record.facts == nullptr || record.statements != 1) return false;
  if (transaction_ != wire::TransactionState::idle || unsynced_ || skipping_) return false;
  const auto& relations = record.facts->relations;
  return runs_in_a_transaction(record.command) && std::any_of(relations.begin(), relations.end(), [](const RelationUse& each) {
           return (each.access & (access::kInsert | access::kUpdate | access::kDelete)) != 0;
         });
}

/// True: sent, so that the answer comes at once, though the client's Sync does not follow yet.
bool Relay::hold_execute(const wire::ExecuteMessage& message, std::string& to_server) {
  Pending& pending = pending_.back();
  pending.name = message.portal;
  const auto before = suspended_.find(pending.name);
  pending.followed = before != suspended_.end() ? before->second : std::shared_ptr<FollowedResult>(follow(pending.record.get()));
  if (pending.followed == nullptr || !pending.followed->may_deny()) return false;
  wire::Message(to_server, wire::frontend::kExecute).c_string(message.portal).u32(message.max_rows).finish();
  wire::Message(to_server, wire::frontend::kFlush).finish();
  return true;
}

bool Relay::looks_into(char kind) const {
  if (kind != type::kDataRow && kind != type::kCopyData) return false;
  return !pending_.empty() && pending_.front().followed != nullptr && pending_.front().followed->wants_bytes();
}

/// False: denied.
bool Relay::look_into(std::string_view bytes, bool begins) {
  FollowedResult& followed = *pending_.front().followed;
  followed.bytes(bytes, begins);
  return followed.denial() == nullptr;
}

/// Half of a message cannot be taken back, nor can a server be told to send no more: the session ends.
Relay::Step Relay::break_off(std::string& to_client) {
  const Finding denial = *pending_.front().followed->denial();
  pending_.front().sqlstate = denial.sqlstate;
  finish_front();
  wire::write_error(to_client, {.severity = "FATAL", .sqlstate = denial.sqlstate, .message = denial.message});
  return Step::close;
}

/// Of the answer at the front. True: the client does not get this message.
bool Relay::withheld(wire::Header header, std::string_view whole, std::string& to_client) {
  if (pending_.empty() || pending_.front().followed == nullptr) return false;
  Pending& front = pending_.front();
  const std::string_view body = whole.substr(std::min(whole.size(), wire::kHeaderBytes));
  if (front.wrap == Wrap::begins || front.wrap == Wrap::ends) return withhold_wrapping(header, body, to_client);
  FollowedResult& followed = *front.followed;
  switch (header.type) {
    case type::kDataRow:
    case type::kCopyData: followed.row(); return followed.denial() != nullptr;
    case type::kRowDescription:
    case type::kCopyOutResponse:
    case type::kCopyDone: return followed.denial() != nullptr;
    case type::kCommandComplete: return withhold_completion(whole, to_client);
    case type::kPortalSuspended:
      suspended_[front.name] = front.followed;
      if (followed.denial() == nullptr) return false;
      fail_in_server();
      return true;
    case type::kReadyForQuery: return withhold_ready(body, to_client);
    default: return false;
  }
}

bool Relay::withhold_completion(std::string_view whole, std::string&) {
  Pending& front = pending_.front();
  const auto tag = wire::read_command_complete(whole.substr(wire::kHeaderBytes));
  if (!tag.ok()) return false;  // and the relay will not take it either
  if (!tag->tag.starts_with("SELECT") && !tag->tag.starts_with("FETCH")) front.followed->written(tag->rows);
  front.rows = std::max(front.rows, front.followed->rows());
  if (front.followed->denial() == nullptr) front.followed->complete();
  if (front.followed->denial() != nullptr) {
    if (front.kind == Kind::execute) fail_in_server();
    return true;
  }
  if (front.wrap != Wrap::runs) return false;
  front.held_tag = whole;
  return true;
}

bool Relay::withhold_ready(std::string_view body, std::string& to_client) {
  Pending& front = pending_.front();
  const auto state = wire::read_ready_for_query(body);
  if (!state.ok() || front.kind != Kind::query) return false;
  const Finding* denial = front.followed->denial();
  const bool new_denial = denial != nullptr && front.sqlstate.empty();
  if (front.wrap == Wrap::runs) {
    if (new_denial) {
      front.sqlstate = denial->sqlstate;
      wire::write_error(to_client, report(*denial));
    }
    const bool commits = denial == nullptr && *state == wire::TransactionState::open;
    wire::write_query(backend_->leg.out, commits ? "COMMIT" : "ROLLBACK");
    if (shares()) backend_->statements.forget_unnamed();
    front.wrap = Wrap::ends;
    return true;
  }
  if (!new_denial) return false;
  if (*state != wire::TransactionState::idle) {
    fail_in_server();
    return true;
  }
  front.sqlstate = denial->sqlstate;  // only read, and done
  wire::write_error(to_client, report(*denial));
  return false;
}

/// The answers to our own BEGIN, COMMIT and ROLLBACK.
bool Relay::withhold_wrapping(wire::Header header, std::string_view body, std::string& to_client) {
  Pending& front = pending_.front();
  switch (header.type) {
    case type::kCommandComplete: {
      const auto tag = wire::read_command_complete(body);
      if (front.wrap == Wrap::begins || front.held_tag.empty() || !tag.ok()) return true;
      if (tag->tag.starts_with("COMMIT"))
        to_client.append(front.held_tag);
      else
        wire::write_error(to_client, {.sqlstate = front.sqlstate = "40000", .message = "the server rolled the statement back"});
      front.held_tag.clear();
      return true;
    }
    case type::kReadyForQuery:
      if (front.wrap == Wrap::ends) return false;
      front.wrap = Wrap::runs;
      return true;
    default: return false;
  }
}

/// The statement at the front ran, and may not have: the next one cannot be understood, so that the server fails the transaction.
void Relay::fail_in_server() {
  Pending& front = pending_.front();
  const Finding& denial = *front.followed->denial();
  front.sqlstate = denial.sqlstate;
  front.error = std::make_shared<const Refusal>(Refusal{denial.sqlstate, denial.message, denial.rule, {}});
  std::string& to_server = backend_->leg.out;
  if (front.kind == Kind::query) {
    wire::write_query(to_server, kRefusedSql);
    if (shares()) backend_->statements.forget_unnamed();
  } else {
    // Under a name: the unnamed statement stays.
    wire::write_parse(to_server, std::string(kSharedNamePrefix) + "denied", kRefusedSql);
    wire::Message(to_server, wire::frontend::kFlush).finish();
  }
}

}  // namespace bulwark::database
