// Texts that clients choose are cut, so that a record always fits; the fingerprint still covers the whole shape.
#include "database/audit/record.h"

#include <algorithm>

#include "audit/frame.h"
#include "base/hex.h"
#include "wire/json/writer.h"

namespace bulwark::database {
namespace {

// A byte of text takes at most six in JSON; with both at their most a record still fits.
constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxText = 8 * 1024;
constexpr std::size_t kTightText = 1024;

std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (text[most] & 0xc0) == 0x80) --most;  // not in the middle of a character
  return text.substr(0, most);
}

std::string_view outcome_of(AuditMoment moment, const StatementRecord& record, const Outcome& outcome) {
  if (moment == AuditMoment::opened) return "opened";
  if (record.refusal || outcome.denied()) return "refused";
  return outcome.sqlstate.empty() ? "done" : "failed";
}

void write(std::string& out, AuditMoment moment, const SessionInfo& session, const StatementRecord& record, const Outcome& outcome,
           WallTime now, std::size_t text_limit) {
  out.clear();
  json::Writer json(out);
  json.begin_object().field("kind", "statement").field("outcome", outcome_of(moment, record, outcome)).field("time", to_rfc3339(now));
  json.field("role", cut(session.user, kMaxName)).field("database", cut(session.database, kMaxName));
  json.field("application", cut(session.application, kMaxName)).field("client", session.client.text());
  json.field("command", to_string(record.command));
  if (!record.shape.empty()) {
    json.field("fingerprint", to_hex(std::span(record.fingerprint).first(16))).field("text", cut(record.shape, text_limit));
    if (record.shape.size() > text_limit) json.field("text_bytes", static_cast<std::uint64_t>(record.shape.size()));
  }
  if (record.literals_vary) json.field("varies", true);
  if (!record.literals.empty() && text_limit > kTightText) json.key("literals").raw(record.literals);
  if (!record.parameters.empty() && text_limit > kTightText) json.key("parameters").raw(record.parameters);
  if (!record.trace.empty()) json.field("trace", record.trace.hex());
  if (record.request != nullptr) {
    json.field("request", cut(record.request->target, kMaxName)).field("request_user", cut(record.request->principal.user, kMaxName));
    json.field("request_source", record.request->client.text());
  }
  if (record.refusal) json.field("rule", record.refusal->rule).field("sqlstate", record.refusal->sqlstate);
  if (const Finding* finding = outcome.finding(); finding != nullptr && !record.refusal) json.field("rule", finding->rule);
  if (moment == AuditMoment::finished) {
    if (!record.refusal && !outcome.sqlstate.empty()) json.field("sqlstate", cut(outcome.sqlstate, 5));
    json.field("rows", outcome.rows).field("bytes_in", outcome.bytes_in).field("bytes_out", outcome.bytes_out);
    json.field("duration_us", static_cast<std::int64_t>(
                                  std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(outcome.took).count())));
  }
  json.end_object();
}

}  // namespace

void write_audit_record(std::string& out, AuditMoment moment, const SessionInfo& session, const StatementRecord& record,
                        const Outcome& outcome, WallTime now) {
  write(out, moment, session, record, outcome, now, kMaxText);
  if (out.size() > audit::kMaxBody) write(out, moment, session, record, outcome, now, kTightText);
  CHECK(out.size() <= audit::kMaxBody);
}

}  // namespace bulwark::database
