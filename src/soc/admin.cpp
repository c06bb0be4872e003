// The commands of the admin socket.
#include "soc/admin.h"

#include <algorithm>

#include "events/event_json.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::soc {
namespace {

constexpr json::ReadLimits kQuestionLimits{.max_bytes = Admin::kMaxQuestion, .max_depth = 3, .max_values = 2 * Admin::kMaxIds};
constexpr std::size_t kMaxExplained = 200;
constexpr std::size_t kMaxAnswer = 8 * 1024 * 1024;
constexpr std::int64_t kDefaultTtl = 600;

std::size_t limit_of(const json::Value& question) {
  const auto given = question.find("limit");
  const std::int64_t wanted = given ? given->integer().value_or(100) : 100;
  return static_cast<std::size_t>(std::clamp<std::int64_t>(wanted, 1, Admin::kMaxListed));
}

std::string failure(const Error& error) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().field("ok", false).key("error").begin_object();
  writer.field("code", to_string(error.code)).field("message", error.message).end_object().end_object();
  return out;
}

/// {"ok":true,"<name>":<what body writes>}
template <class Body>
std::string success(std::string_view name, Body&& body) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().field("ok", true).key(name);
  body(writer);
  writer.end_object();
  return out;
}

void append(json::Writer& writer, const control::Entry& entry) {
  writer.begin_object().field("id", entry.id.hex()).field("kind", control::to_string(entry.kind));
  writer.field("subject", control::to_string(entry.subject)).field("value", entry.value);
  writer.field("created", to_rfc3339(entry.created)).field("expires", to_rfc3339(entry.expires)).field("reason", entry.reason);
  writer.field("created_by", entry.created_by).field("incident", entry.incident).end_object();
}

void append(json::Writer& writer, const AlertRecord& record) {
  const Alert& alert = record.alert;
  writer.begin_object().field("number", record.number).field("id", alert.id.hex()).field("time", to_rfc3339(alert.time));
  writer.field("detector", alert.detector).field("severity", events::to_string(alert.severity)).field("title", alert.title);
  writer.field("why", alert.why).field("subject", control::to_string(alert.subject)).field("subject_value", alert.subject_value);
  writer.field("incident", record.incident).key("evidence").begin_array();
  for (const TraceId& trace : alert.evidence) writer.value(trace.hex());
  writer.end_array().end_object();
}

void append(json::Writer& writer, const ActionRecord& action) {
  writer.begin_object().field("time", to_rfc3339(action.time)).field("action", action.name).field("by", action.by);
  writer.field("summary", action.summary).field("undo", action.undo_handle).field("undone_by", action.undone_by).end_object();
}

template <class T>
std::string success_list(std::string_view name, const std::vector<T>& items) {
  return success(name, [&](json::Writer& writer) {
    writer.begin_array();
    for (const T& item : items) append(writer, item);
    writer.end_array();
  });
}

std::string success_events(const std::vector<events::StoredEvent>& found) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().field("ok", true).key("events").begin_array();
  bool complete = true;
  for (const auto& each : found) {
    if (out.size() > kMaxAnswer) {
      complete = false;
      break;
    }
    events::append_json(writer, each);
  }
  writer.end_array().field("complete", complete).end_object();
  return out;
}

template <class E>
std::optional<E> named(std::string_view name, E last) {
  for (int i = 0; i <= static_cast<int>(last); ++i)
    if (to_string(static_cast<E>(i)) == name && name != "unknown") return static_cast<E>(i);
  return std::nullopt;
}

Result<TraceId> trace_of(std::string_view text) {
  const auto trace = TraceId::from_hex(text);
  if (!trace) return client_error(Code::invalid, "a request id has 32 hex digits");
  return *trace;
}

}  // namespace

std::string Admin::answer(std::string_view question, std::string_view by) {
  const auto parsed = json::Document::parse(question, kQuestionLimits);
  if (!parsed) return failure(parsed.error());
  auto answered = answer_to(parsed->root().text("command"), parsed->root(), by);
  return answered ? std::move(*answered) : failure(answered.error());
}

Result<std::string> Admin::answer_to(std::string_view command, const json::Value& question, std::string_view by) {
  if (command == "status") return status();
  if (command == "reload") return reload();
  if (command == "entries") return entries();
  if (command == "alerts") return alerts(question);
  if (command == "incidents") return incidents(question);
  if (command == "block") return block(question, by);
  if (command == "undo") return undo(question, by);
  if (command == "explain") return explain(question);
  if (command == "events") return events(question);
  if (command == "known") return known(question);
  if (parts_.planes)
    if (auto theirs = parts_.planes(command, question, by)) {
      const std::string result = TRY(std::move(*theirs));
      return success("result", [&](json::Writer& writer) { writer.raw(result); });
    }
  return client_error(Code::unsupported, "unknown command");
}

Result<std::string> Admin::status() {
  if (!parts_.status) return client_error(Code::unsupported, "this process has no status to give");
  return success("status", [&](json::Writer& writer) { writer.raw(parts_.status()); });
}

Result<std::string> Admin::reload() {
  if (!parts_.reload) return client_error(Code::unsupported, "this process cannot reload");
  const std::string said = TRY(parts_.reload());
  return success("message", [&](json::Writer& writer) { writer.value(said); });
}

Result<std::string> Admin::entries() {
  auto all = parts_.desk->entries();
  if (all.size() > kMaxListed) all.resize(kMaxListed);
  return success_list("entries", all);
}

Result<std::string> Admin::alerts(const json::Value& question) {
  const auto before = question.find("before");
  return success_list("alerts", TRY(parts_.desk->alerts(limit_of(question), before ? before->integer().value_or(0) : 0)));
}

Result<std::string> Admin::incidents(const json::Value& question) {
  const auto open_only = question.find("open");
  const auto found = TRY(parts_.desk->incidents(limit_of(question), open_only && open_only->boolean()));
  std::string out;
  json::Writer writer(out);
  writer.begin_object().field("ok", true).key("incidents").begin_array();
  for (const IncidentRecord& incident : found) {
    writer.begin_object().field("id", incident.id).field("title", incident.title);
    writer.field("severity", events::to_string(incident.severity)).field("opened", to_rfc3339(incident.opened));
    writer.field("last", to_rfc3339(incident.last)).field("alerts", incident.alerts).field("open", incident.open);
    writer.key("actions").begin_array();
    const auto actions = TRY(parts_.desk->actions_of(incident.id));
    for (const ActionRecord& action : actions) append(writer, action);
    writer.end_array().end_object();
  }
  writer.end_array().end_object();
  return out;
}

Result<std::string> Admin::block(const json::Value& question, std::string_view by) {
  const auto subject = control::subject_from(question.text("subject"));
  if (!subject) return client_error(Code::invalid, "the subject is one of ip, user, tenant, credential, session, database_role");
  const auto ttl = question.find("ttl_seconds");
  const std::int64_t seconds = ttl ? ttl->integer().value_or(0) : kDefaultTtl;
  if (seconds <= 0 || seconds > control::Table::kMaxLifetime / 1'000'000'000)
    return client_error(Code::invalid, "a block lasts between one second and a year");
  std::string_view reason = question.text("reason");
  if (reason.empty()) reason = "by hand";
  const auto made = TRY(parts_.desk->block(*subject, question.text("value"), std::chrono::seconds(seconds), reason, by));
  return success("entry", [&](json::Writer& writer) { append(writer, made); });
}

Result<std::string> Admin::undo(const json::Value& question, std::string_view by) {
  TRY(parts_.desk->undo(question.text("id"), by));
  return success("undone", [&](json::Writer& writer) { writer.value(question.text("id")); });
}

Result<std::string> Admin::explain(const json::Value& question) {
  events::Query query;
  query.trace = TRY(trace_of(question.text("id")));
  query.limit = kMaxExplained;
  if (parts_.bus != nullptr) parts_.bus->flush();
  auto found = TRY(parts_.store->query(query));
  if (found.empty()) return client_error(Code::not_found, "no event carries this id");
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.event.time < b.event.time; });
  return success_events(found);
}

Result<std::string> Admin::events(const json::Value& question) {
  events::Query query;
  query.limit = limit_of(question);
  if (const auto trace = question.text("trace"); !trace.empty()) query.trace = TRY(trace_of(trace));
  if (const auto source = question.text("source"); !source.empty()) query.source = TRY(IpAddress::parse(source));
  if (const auto plane = question.text("plane"); !plane.empty()) {
    query.plane = named(plane, events::Plane::process);
    if (!query.plane) return client_error(Code::invalid, "there is no such plane");
  }
  if (const auto disposition = question.text("disposition"); !disposition.empty()) {
    query.disposition = named(disposition, events::Disposition::alert);
    if (!query.disposition) return client_error(Code::invalid, "there is no such disposition");
  }
  query.rule = question.text("rule");
  query.user = question.text("user");
  query.text = question.text("text");
  if (parts_.bus != nullptr) parts_.bus->flush();
  return success_events(TRY(parts_.store->query(query)));
}

Result<std::string> Admin::known(const json::Value& question) {
  const auto ids = question.find("ids");
  if (!ids || !ids->is(json::Type::array) || ids->size() > kMaxIds) return client_error(Code::invalid, "ids is an array of at most 1000");
  if (parts_.bus != nullptr) parts_.bus->flush();
  std::string out;
  json::Writer writer(out);
  writer.begin_object().field("ok", true).key("known").begin_array();
  for (const json::Value id : *ids) {
    events::Query query;
    query.trace = TRY(trace_of(id.string()));
    query.limit = 1;
    if (!TRY(parts_.store->query(query)).empty()) writer.value(id.string());
  }
  writer.end_array().end_object();
  return out;
}

}  // namespace bulwark::soc
