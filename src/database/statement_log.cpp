// OCSF Datastore Activity (6005) for statements, Authentication (3002) for logins.
#include "database/statement_log.h"

#include <algorithm>

#include "base/hex.h"
#include "wire/json/writer.h"

namespace bulwark::database {
namespace {

// OCSF 1.8 activity_id of Datastore Activity.
constexpr std::uint8_t kRead = 1;
constexpr std::uint8_t kUpdate = 2;
constexpr std::uint8_t kConnect = 3;
constexpr std::uint8_t kQuery = 4;
constexpr std::uint8_t kWrite = 5;
constexpr std::uint8_t kCreate = 6;
constexpr std::uint8_t kDelete = 7;

constexpr std::uint8_t kLogon = 1;  // of Authentication

std::uint8_t activity_of(Command command) {
  switch (command) {
    case Command::select:
    case Command::show: return kRead;
    case Command::update:
    case Command::merge: return kUpdate;
    case Command::insert:
    case Command::copy: return kWrite;
    case Command::define: return kCreate;
    case Command::delete_rows:
    case Command::truncate: return kDelete;
    default: return kQuery;
  }
}

std::uint32_t microseconds(Duration duration) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, UINT32_MAX));
}

}  // namespace

void StatementLog::publish(events::Event& event, const SessionInfo& session) {
  event.plane = events::Plane::database;
  event.source = session.client.address;
  event.source_port = session.client.port;
  event.user = session.user;
  event.route = session.database;
  event.detail = detail_;
  publisher_->publish(event);
}

void StatementLog::statement(const SessionInfo& session, const StatementRecord& record, const Outcome& outcome, WallTime now) {
  if (publisher_ == nullptr) return;
  events::Event event;
  event.time = now;
  event.event_class = events::Class::datastore_activity;
  event.activity = activity_of(record.command);
  event.trace = record.trace;
  event.span = record.span;
  event.duration_us = microseconds(outcome.took);
  event.bytes_in = outcome.bytes_in;
  event.bytes_out = outcome.bytes_out;
  event.rows = outcome.rows;
  event.target = record.shape;
  event.disposition = events::Disposition::allowed;
  if (record.request != nullptr) event.tenant = record.request->principal.tenant;
  if (record.refusal) {
    const bool grammar = record.refusal->rule == "database.unparsable";
    event.disposition = grammar ? events::Disposition::error : events::Disposition::blocked;
    event.severity = grammar ? events::Severity::low : events::Severity::high;
    event.rule = record.refusal->rule;
    event.message = grammar ? std::string_view("the statement does not follow the grammar") : record.refusal->message;
  } else if (const Finding* finding = outcome.finding()) {
    event.disposition = outcome.denied() ? events::Disposition::blocked : events::Disposition::alert;
    event.severity = finding->severity;
    event.rule = finding->rule;
    event.message = finding->message;
  } else if (!record.findings.empty()) {
    event.disposition = events::Disposition::alert;
    event.severity = record.findings.front().severity;
    event.rule = record.findings.front().rule;
    event.message = record.findings.front().message;
  } else if (!outcome.sqlstate.empty()) {
    event.disposition = events::Disposition::error;
    event.severity = events::Severity::low;
    event.message = "the server answered with an error";
  }
  detail_.clear();
  json::Writer json(detail_);
  json.begin_object().field("command", to_string(record.command)).field("application", session.application);
  if (record.statements > 1) json.field("statements", static_cast<std::uint64_t>(record.statements));
  if (!record.shape.empty()) json.field("fingerprint", to_hex(std::span(record.fingerprint).first(16)));
  if (!outcome.sqlstate.empty()) json.field("sqlstate", outcome.sqlstate);
  if (record.refusal) json.field("sqlstate", record.refusal->sqlstate);
  if (!outcome.covered.empty()) {
    json.key("masked").begin_object();
    for (const auto& [column, values] : outcome.covered) json.field(column, values);
    json.end_object();
  }
  if (record.request != nullptr) {
    json.field("request", record.request->target).field("request_user", record.request->principal.user);
    json.field("request_source", record.request->client.text());
  }
  json.end_object();
  publish(event, session);
}

void StatementLog::login(const SessionInfo& session, bool encrypted, WallTime now) {
  if (publisher_ == nullptr) return;
  events::Event event;
  event.time = now;
  event.event_class = events::Class::authentication;
  event.activity = kLogon;
  event.disposition = events::Disposition::allowed;
  event.target = "database login";
  event.message = "logged in to the database";
  detail_.clear();
  json::Writer json(detail_);
  json.begin_object().field("application", session.application).field("tls", encrypted).end_object();
  publish(event, session);
}

void StatementLog::refusal(const SessionInfo& session, const Refusal& refusal, WallTime now) {
  if (publisher_ == nullptr) return;
  const bool ours = refusal.rule == "database.upstream";
  const bool password = refusal.rule == "database.password";
  events::Event event;
  event.time = now;
  event.event_class = password ? events::Class::authentication : events::Class::datastore_activity;
  event.activity = password ? kLogon : kConnect;
  event.disposition = ours ? events::Disposition::error : events::Disposition::blocked;
  event.severity = ours ? events::Severity::high : events::Severity::medium;
  event.rule = refusal.rule;
  event.target = "database session";
  event.message = refusal.message;
  detail_.clear();
  json::Writer json(detail_);
  json.begin_object().field("application", session.application).field("sqlstate", refusal.sqlstate).end_object();
  publish(event, session);
}

}  // namespace bulwark::database
