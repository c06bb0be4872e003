// What the relay does for a role from which columns are kept: every result is described by the server before its first row passes, and
// each row is rewritten on its way. Sessions of other roles never come here.
#include "database/audit/literals.h"
#include "database/relay.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wire = wire::postgres;

}  // namespace

void Relay::protect() {
  protection_ = worker_.policy->protection;
  if (protection_ != nullptr && (protection_->covers(session_.user) || protection_->encrypts()))
    filter_ = std::make_unique<ResultFilter>(protection_, session_.user, session_.database);
}

/// What was prepared under other rules was not examined under these. True: the session has to end.
bool Relay::protection_changed() {
  const auto& now = worker_.policy->protection;
  if (filter_ != nullptr || (now != nullptr && (now->covers(session_.user) || now->encrypts()))) return true;
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
  if (done.ok()) return true;
  const bool changed = done.error().code == Code::corrupt;
  withheld_ =
      Refusal{changed ? "XX001" : "55000", done.error().message, changed ? "database.encrypted_column" : "database.masked_column", {}};
  return false;
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
      return write_description(body, to_client);
    }
    case wire::backend::kParameterDescription: return write_parameters(whole, to_client);
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

bool Relay::write_description(std::string_view body, std::string& to_client) {
  wire::Message message(to_client, wire::backend::kRowDescription);
  const bool fits = understood(filter_->write_description(body, to_client));
  message.finish();
  return fits;
}

bool Relay::write_parameters(std::string_view whole, std::string& to_client) {
  const auto& described = pending_.empty() ? nullptr : pending_.front().described;
  if (described == nullptr || described->sealed == nullptr) return to_client.append(whole), true;
  const auto body = describe_parameters(whole.substr(wire::kHeaderBytes), *described->sealed);
  if (!body.ok()) return understood(body.error());
  wire::Message(to_client, wire::backend::kParameterDescription).bytes(*body).finish();
  return true;
}

/// The statement as PostgreSQL is to get it, where it concerns encrypted columns.
std::shared_ptr<const StatementRecord> Relay::seal(std::shared_ptr<const StatementRecord> record, std::string_view sql) const {
  if (record->facts == nullptr) return record;
  const auto catalogue = protection_->catalogue(session_.database);
  if (catalogue == nullptr || !concerns_encrypted(*record->facts, *catalogue, *protection_)) return record;
  auto made = std::make_shared<StatementRecord>(*record);
  made->literals.clear();  // of a refused statement nobody knows which literal is whose
  if (record->refusal) return made;
  const sql::LexerOptions options{standard_conforming_strings_};
  auto sealed = seal_statement(sql, options, *record->facts, *catalogue, protection_);
  if (!sealed.ok()) {
    made->refusal =
        Refusal{sealed.error().code == Code::invalid ? "22P02" : "0A000", sealed.error().message, "database.encrypted_column", {}};
    return made;
  }
  if (*sealed == nullptr) return record;
  made->sealed = *std::move(sealed);
  made->literals = literals_on_record(sql, options, *made->sealed);
  return made;
}

/// What the audit policy keeps of the literals, but for those of encrypted columns.
std::string Relay::literals_on_record(std::string_view sql, const sql::LexerOptions& options, const SealedStatement& sealed) const {
  const LiteralPolicy policy = worker_.policy->settings.audit.literals;
  std::vector<sql::Token> tokens;
  if (policy == LiteralPolicy::redact || !sql::tokenize(sql, options, tokens).ok()) return {};
  return audited_literals(sql, tokens, policy, worker_.policy->secret, sealed.literals);
}

/// A Parse with the sealed statement in place of the client's.
Result<std::string> Relay::sealed_parse(const wire::ParseMessage& message, std::string_view body, SealedStatement& sealed) const {
  const std::size_t types = message.statement.size() + 1 + message.sql.size() + 1;
  std::string out(message.statement);
  out.append(1, '\0').append(sealed.sql).append(1, '\0');
  out.append(TRY(seal_parameter_types(body.substr(types), sealed)));
  return out;
}

/// A Bind whose values are sealed must be there as a whole. A value that is none makes it fail, in our words.
Relay::Step Relay::sealed_bind(wire::Header header, const wire::BindNames& names, const SealedStatement& sealed, std::string_view body,
                               std::string& to_server) {
  const std::size_t front = names.portal.size() + 1 + names.statement.size() + 1;
  const auto values = seal_bound_values(body.substr(front), sealed);
  if (!values.ok()) {
    const std::string nobodys = std::string(kSharedNamePrefix) + TraceId::random().hex();
    wire::Message(to_server, wire::frontend::kBind).c_string("").c_string(nobodys).u16(0).u16(0).u16(0).finish();
    bind(names);
    if (!pending_.empty() && pending_.back().kind == Kind::bind)
      pending_.back().error = std::make_shared<const Refusal>(Refusal{"22P02", values.error().message, "database.encrypted_column", {}});
    return Step::wait;
  }
  if (shares()) {
    header.body_bytes = static_cast<std::uint32_t>(front + values->size());
    share_bind(header, names, to_server);
    to_server.append(*values);
  } else {
    wire::Message(to_server, wire::frontend::kBind).c_string(names.portal).c_string(names.statement).bytes(*values).finish();
  }
  bind(names);
  return Step::wait;
}

/// An error's words go on without what they quote of rows.
void Relay::pass_error(std::string_view whole, std::string& to_client) const {
  if (!keeps_columns())
    to_client.append(whole);
  else
    ResultFilter::write_redacted(whole[0], whole.substr(wire::kHeaderBytes), to_client);
}

/// The server sent something that fits nothing, or whose columns are not known: nothing more of it may pass.
Relay::Step Relay::misfit(std::string& to_client, std::string_view what) {
  if (!withheld_) return violation(to_client, what);
  wire::write_error(to_client, {.severity = "FATAL", .sqlstate = withheld_->sqlstate, .message = withheld_->message});
  worker_.log.refusal(session_, *withheld_, worker_.reactor.wall());
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
