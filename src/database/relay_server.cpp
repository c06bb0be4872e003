// The server's half of the relay: answers go on as they are, are counted, and close the books of the statement they belong to.
#include <algorithm>

#include "database/encodings.h"
#include "database/relay.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;
namespace type = wire::backend;

constexpr std::uint32_t kMaxReadBody = 1024 * 1024;        // of the messages that are read whole; rows and copies are not
constexpr std::uint32_t kMaxErrorBody = 64 * 1024 * 1024;  // an error may quote the value that it is about

bool streams(char kind) {
  return kind == type::kDataRow || kind == type::kCopyData || kind == type::kRowDescription || kind == type::kParameterDescription ||
         kind == type::kNoticeResponse || kind == type::kNotificationResponse || kind == type::kFunctionCallResponse;
}

}  // namespace

Relay::Step Relay::from_server(Buffer& in, std::string& to_client) {
  while (!in.empty() && to_client.size() < kHighWater) {
    if (drop_from_server_ > 0) {
      const std::size_t now = std::min(drop_from_server_, in.size());
      drop_from_server_ -= now;
      in.consume(now);
      continue;
    }
    if (pass_to_client_ > 0) {
      const std::size_t now = std::min(pass_to_client_, in.size());
      if (looking_ && !look_into(in.view().substr(0, now), false)) return break_off(to_client);
      to_client.append(in.view().substr(0, now));
      pass_to_client_ -= now;
      in.consume(now);
      continue;
    }
    const auto header = wire::read_header(in.view());
    if (header.ok() && !header->has_value()) return Step::wait;
    if (!header.ok() || !wire::is_backend_type((*header)->type)) return violation(to_client, "PostgreSQL sent a malformed message");
    const auto [kind, body_bytes] = **header;
    const std::size_t size = wire::kHeaderBytes + body_bytes;
    const bool filtering = filter_ != nullptr && filter_->wants(kind);
    const bool looks = looks_into(kind);
    awaited_from_server_ = 0;
    if (streams(kind) && !filtering) {
      if (looks && size <= kMaxLookedAtWhole && in.size() < size) {
        awaited_from_server_ = size;
        return Step::wait;
      }
      if (looks) (void)look_into(in.view().substr(0, size).substr(wire::kHeaderBytes), true);
      if (!server_message(**header, {}, to_client)) return misfit(to_client, "PostgreSQL sent an unexpected message");
      const bool denied = withheld(**header, {}, to_client);
      (denied ? drop_from_server_ : pass_to_client_) = size;
      if (denied && (withheld_bytes_ += size) > kMaxWithheld) return break_off(to_client);
      // Of a long row the beginning was looked at; it passes together with what follows.
      looking_ = looks && !denied && in.size() < size;
      if (looking_) {
        to_client.append(in.view());
        pass_to_client_ -= in.size();
        in.consume(in.size());
      }
      continue;
    }
    if (body_bytes > (filtering ? kMaxFilteredRow : kind == type::kErrorResponse ? kMaxErrorBody : kMaxReadBody))
      return violation(to_client, "PostgreSQL sent a message longer than allowed");
    if (in.size() < size) {
      awaited_from_server_ = size;
      return Step::wait;
    }
    if (looks) (void)look_into(in.view().substr(wire::kHeaderBytes, body_bytes), true);
    if (!server_message(**header, in.view().substr(0, size), to_client)) return misfit(to_client, "PostgreSQL sent an unexpected message");
    in.consume(size);
  }
  return Step::wait;
}

/// Passes the message on unless it is streamed. False: it fits nothing that the client asked for.
bool Relay::server_message(wire::Header header, std::string_view whole, std::string& to_client) {
  drop_copy_ends();
  const std::string_view body = whole.substr(std::min(whole.size(), wire::kHeaderBytes));
  if (!pending_.empty()) pending_.front().bytes_out += wire::kHeaderBytes + header.body_bytes;
  bool fits = true;
  if (probed(header.type, body, fits) || hidden(header, body, fits)) {
    answer_known(to_client);
    return fits;
  }
  if (!whole.empty() && withheld(header, whole, to_client)) return true;
  std::string_view tag;
  switch (header.type) {
    case type::kDataRow:
      if (pending_.empty()) return false;
      ++pending_.front().rows;
      return whole.empty() || filtered(header.type, whole, to_client);
    case type::kRowDescription:
    case type::kNoData: {
      const bool described = !pending_.empty() && pending_.front().kind == Kind::describe;
      if (described) pending_.pop_front();
      if (described && filter_ != nullptr && header.type == type::kRowDescription) {
        fits = write_description(body, to_client);
        answer_known(to_client);
        return fits;
      }
      break;
    }
    case type::kErrorResponse:
      fits = error(whole, to_client);
      answer_known(to_client);
      return fits;
    case type::kReadyForQuery: fits = ready(body); break;
    case type::kCommandComplete:
      if (!pending_.empty()) tag = pending_.front().instead;
      fits = command_complete(body);
      break;
    case type::kPortalSuspended: fits = answered(Kind::execute); break;
    case type::kEmptyQueryResponse:
      if (!pending_.empty() && pending_.front().kind == Kind::execute) finish_front();
      break;
    case type::kParseComplete:
      // PostgreSQL knows the statement; the error for what stands behind it comes next.
      if (!pending_.empty() && std::exchange(pending_.front().trial, false)) return true;
      fits = answered(Kind::parse);
      break;
    case type::kBindComplete: fits = answered(Kind::bind); break;
    case type::kCloseComplete: fits = answered(Kind::close); break;
    case type::kCopyInResponse: copy_in_began(); break;
    case type::kCopyBothResponse: fits = worker_.policy->settings.allow_replication && !keeps_columns(); break;
    case type::kParameterStatus: fits = parameter_changed(body); break;
    case type::kAuthentication:
    case type::kBackendKeyData:
    case type::kNegotiateProtocolVersion: return false;
    default: break;
  }
  if (!fits) return false;
  if (!whole.empty() && filter_ != nullptr && filter_->wants(header.type)) return filtered(header.type, whole, to_client);
  if (tag.empty())
    to_client.append(whole);
  else
    wire::Message(to_client, type::kCommandComplete).c_string(tag).finish();
  answer_known(to_client);
  return true;
}

bool Relay::answered(Kind kind) {
  if (pending_.empty() || pending_.front().kind != kind) return false;
  if (kind == Kind::execute)
    finish_front();
  else
    pending_.pop_front();
  return true;
}

bool Relay::command_complete(std::string_view body) {
  const auto tag = wire::read_command_complete(body);
  if (!tag.ok() || pending_.empty()) return false;
  Pending& front = pending_.front();
  if (front.kind != Kind::query && front.kind != Kind::execute) return false;
  // Rows that were sent are counted as they pass; a tag tells of those that were written.
  if (!tag->tag.starts_with("SELECT") && !tag->tag.starts_with("FETCH")) front.rows = std::max(front.rows, tag->rows);
  copying_in_ = false;
  if (front.kind == Kind::execute) finish_front();
  return true;
}

bool Relay::error(std::string_view whole, std::string& to_client) {
  const auto fields = wire::read_error(whole.substr(wire::kHeaderBytes));
  if (!fields.ok()) return false;
  copying_in_ = false;
  fatal_seen_ |= fields->severity == "FATAL" || fields->severity == "PANIC";
  if (pending_.empty()) {  // the server speaks by itself: it shuts down, or an administrator ends the session
    pass_error(whole, to_client);
    return true;
  }
  // Where the rows cannot be described the Execute would have failed in the same way.
  if (pending_.front().kind == Kind::probe && pending_.size() > 1) pending_.pop_front();
  Pending& front = pending_.front();
  if (front.error != nullptr && fields->severity == "ERROR") {
    wire::write_error(to_client, {.sqlstate = front.error->sqlstate, .message = front.error->message});
  } else if (front.record != nullptr && front.record->refusal && !front.trial && fields->severity == "ERROR") {
    const Refusal& refusal = *front.record->refusal;
    wire::write_error(to_client, {.sqlstate = refusal.sqlstate, .message = refusal.message, .position = front.record->error_position});
  } else {
    if (!front.trial) front.sqlstate = fields->sqlstate;
    // "cached plan must not change result type": the table was altered, and under the shared name it would stay so.
    stale_ |= shares() && front.kind == Kind::bind && fields->sqlstate == "0A000";
    pass_error(whole, to_client);
  }
  if (front.kind == Kind::query) return undo(front), true;
  // PostgreSQL skips everything up to the next Sync.
  finish_front_after_error();
  return true;
}

bool Relay::ready(std::string_view body) {
  const auto state = wire::read_ready_for_query(body);
  if (!state.ok() || pending_.empty()) return false;
  const Kind kind = pending_.front().kind;
  if (kind != Kind::query && kind != Kind::sync && kind != Kind::restore) return false;
  transaction_ = *state;
  copying_in_ = false;
  finish_front();
  drop_copy_ends();
  if (transaction_ == wire::TransactionState::idle) tell_definitions();
  unsynced_ &= !pending_.empty();
  // Portals end with their transaction; those of SQL cursors are not kept here.
  if (*state == wire::TransactionState::idle && pending_.empty() && portals_.size() > 1) portals_.clear();
  if (*state == wire::TransactionState::idle && pending_.empty()) suspended_.clear();
  return true;
}

/// Every Sync sent after this statement and before the end of the copy is read, and ignored, as part of the copy.
void Relay::copy_in_began() {
  if (pending_.empty() || pending_.front().kind != Kind::execute) return;
  copying_in_ = true;
  for (auto each = pending_.begin() + 1; each != pending_.end();) {
    if (each->kind == Kind::copy_end) {
      copying_in_ = false;
      break;
    }
    each = each->kind == Kind::sync ? pending_.erase(each) : each + 1;
  }
}

bool Relay::parameter_changed(std::string_view body) {
  const auto parameter = wire::read_parameter_status(body);
  if (!parameter.ok()) return false;
  if (parameter->name == "standard_conforming_strings") standard_conforming_strings_ = parameter->value == "on";
  reported_.set(parameter->name, parameter->value);
  if (backend_ != nullptr) backend_->parameters.set(parameter->name, parameter->value);
  if (parameter->name != "client_encoding" || parameter->value == "UTF8") return true;
  return filter_ == nullptr && Examiner::exempt(*worker_.policy, session_) && keeps_ascii(parameter->value);
}

void Relay::drop_copy_ends() {
  while (!pending_.empty() && pending_.front().kind == Kind::copy_end) pending_.pop_front();
}

audit::Ticket Relay::put_on_record(AuditMoment moment, const Pending& pending) {
  const Outcome outcome{pending.rows,     pending.bytes_in, pending.bytes_out,     worker_.reactor.now() - pending.began,
                        pending.sqlstate, covered_,         pending.followed.get()};
  if (moment == AuditMoment::finished) worker_.log.statement(session_, *pending.record, outcome, worker_.reactor.wall());
  return worker_.audit.write(moment, worker_.policy->settings.audit, session_, *pending.record, outcome);
}

/// A result that goes out before it is complete is on record as opened first.
audit::Ticket Relay::result_awaits() {
  if (!worker_.policy->settings.audit.awaited() || pending_.empty()) return result_awaits_;
  Pending& front = pending_.front();
  if (front.record != nullptr && !front.record->refusal && front.bytes_out > 0 && !front.opened &&
      (front.kind == Kind::query || front.kind == Kind::execute)) {
    front.opened = true;
    result_awaits_ = std::max(result_awaits_, put_on_record(AuditMoment::opened, front));
  }
  return result_awaits_;
}

/// Puts the statement at the front on record and takes it out.
void Relay::finish_front() {
  Pending front = std::move(pending_.front());
  pending_.pop_front();
  withheld_bytes_ = 0;
  if (front.record == nullptr) return;
  if (filter_ != nullptr) covered_ = filter_->take_counts();
  const audit::Ticket ticket = put_on_record(AuditMoment::finished, front);
  covered_.clear();
  if (!front.record->refusal) result_awaits_ = std::max(result_awaits_, ticket);  // a refusal is no result: it is told in any case
  if (front.sqlstate.empty() && !front.record->refusal) {
    statement_succeeded(*front.record);
    note_definitions(*front.record);
  }
}

void Relay::finish_front_after_error() {
  const Kind kind = pending_.front().kind;
  if (kind == Kind::sync) return;  // a deferred constraint failed at commit; its ReadyForQuery follows
  auto skipped = std::find_if(pending_.begin(), pending_.end(), [](const Pending& each) { return each.kind == Kind::sync; });
  while (skipped != pending_.begin()) undo(*--skipped);
  // A statement that never ran is on record too when it was refused or failed.
  finish_front();
  while (!pending_.empty() && pending_.front().kind != Kind::sync) pending_.pop_front();
  skipping_ = pending_.empty();
}

void Relay::server_lost() {
  while (!pending_.empty()) {
    pending_.front().sqlstate = "08006";
    if (pending_.front().kind == Kind::query || pending_.front().kind == Kind::execute)
      finish_front();
    else
      pending_.pop_front();
  }
}

}  // namespace bulwark::database
