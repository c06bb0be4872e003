// What the relay does for a role from which columns are kept: every result is described by the server before its first row passes, and
// each row is rewritten on its way. Sessions of other roles never come here.
#include "database/relay.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;

}  // namespace

void Relay::protect() {
  protection_ = worker_.policy->protection;
  if (protection_ != nullptr && protection_->covers(session_.user))
    filter_ = std::make_unique<ResultFilter>(protection_, session_.user, session_.database);
}

/// What was prepared under other rules was not examined under these. True: the session has to end.
bool Relay::protection_changed() {
  const auto& now = worker_.policy->protection;
  if (filter_ != nullptr || (now != nullptr && now->covers(session_.user))) return true;
  protection_ = now;
  return false;
}

/// An Execute does not say what its rows are made of; a Describe before it, whose answer the client never sees, does.
void Relay::probe(std::string_view execute, std::string& to_server) {
  const auto message = wire::read_execute(execute);
  if (!message.ok()) return;
  wire::Message(to_server, wire::frontend::kDescribe).u8('P').c_string(message->portal).finish();
  await(Kind::probe);
}

bool Relay::probed(char type, std::string_view body, bool& fits) {
  if (filter_ == nullptr || pending_.empty() || pending_.front().kind != Kind::probe) return false;
  if (type != wire::backend::kRowDescription && type != wire::backend::kNoData) return false;
  pending_.pop_front();
  if (type == wire::backend::kNoData)
    filter_->describe_nothing();
  else
    fits = understood(filter_->describe(body));
  return true;
}

bool Relay::understood(Result<void> done) {
  if (!done.ok()) withheld_ = done.error().message;
  return done.ok();
}

/// Writes what the client gets in place of a message. False: it cannot be told what that is.
bool Relay::filtered(char type, std::string_view whole, std::string& to_client) {
  const std::string_view body = whole.substr(wire::kHeaderBytes);
  const DateWriting dates = date_writing(reported_.get("DateStyle"));
  switch (type) {
    case wire::backend::kNoticeResponse: ResultFilter::write_redacted(type, body, to_client); return true;
    case wire::backend::kDataRow:
    case wire::backend::kCopyData: {
      const std::size_t before = to_client.size();
      wire::Message message(to_client, type);
      const bool row = type == wire::backend::kDataRow;
      const bool fits = understood(row ? filter_->row(body, dates, to_client) : filter_->copied(body, dates, to_client));
      if (fits)
        message.finish();
      else
        to_client.resize(before);
      return fits;
    }
    case wire::backend::kRowDescription: {
      // The answer to a client's own Describe tells of no rows that come now.
      const bool rows_follow = !pending_.empty() && pending_.front().kind == Kind::query;
      if (rows_follow && !understood(filter_->describe(body))) return false;
      break;
    }
    case wire::backend::kCopyOutResponse: {
      const bool known = !pending_.empty() && pending_.front().record != nullptr;
      if (!understood(filter_->begin_copy(body, known ? pending_.front().record->facts.get() : nullptr))) return false;
      break;
    }
    default: break;
  }
  to_client.append(whole);
  return true;
}

/// An error's words go on without what they quote of rows.
void Relay::pass_error(std::string_view whole, std::string& to_client) const {
  if (filter_ == nullptr)
    to_client.append(whole);
  else
    ResultFilter::write_redacted(whole[0], whole.substr(wire::kHeaderBytes), to_client);
}

/// The server sent something that fits nothing, or whose columns are not known: nothing more of it may pass.
Relay::Step Relay::misfit(std::string& to_client, std::string_view what) {
  if (withheld_.empty()) return violation(to_client, what);
  wire::write_error(to_client, {.severity = "FATAL", .sqlstate = "55000", .message = withheld_});
  worker_.log.refusal(session_, {"55000", withheld_, "database.masked_column", {}}, worker_.reactor.wall());
  return Step::close;
}

/// Definitions that were committed have the catalogue read again.
void Relay::note_definitions(const StatementRecord& record) {
  if (worker_.policy->protection == nullptr || record.facts == nullptr) return;
  for (const Command each : record.facts->commands)
    definitions_changed_ |=
        each == Command::define || each == Command::role || each == Command::do_block || each == Command::call || each == Command::other;
  for (const auto& each : record.facts->relations) definitions_changed_ |= (each.access & access::kDefine) != 0;
}

void Relay::tell_definitions() {
  if (!definitions_changed_) return;
  definitions_changed_ = false;
  if (worker_.policy->protection != nullptr) worker_.policy->protection->definitions_changed();
}

}  // namespace bulwark::database
