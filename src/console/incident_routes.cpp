// What needs a person: incidents, why they are there, what was done about them, and closing one.
#include <fmt/core.h>

#include "console/router.h"
#include "console/services.h"
#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::console {
namespace {

constexpr std::size_t kMaxListed = 200;
constexpr json::ReadLimits kBodyLimits{.max_bytes = 1024, .max_depth = 2, .max_values = 8};

void append_incident(json::Writer& writer, const soc::IncidentRecord& incident) {
  writer.field("id", incident.id)
      .field("state", incident.open ? "open" : "closed")
      .field("severity", events::to_string(incident.severity))
      .field("title", incident.title)
      .field("opened", incident.opened / 1'000'000)
      .field("updated", incident.last / 1'000'000)
      .field("alerts", incident.alerts)
      .field("closed_by", incident.closed_by);
}

void append_alert(json::Writer& writer, const soc::Alert& alert) {
  writer.begin_object()
      .field("id", alert.id.hex())
      .field("time", alert.time / 1'000'000)
      .field("detector", alert.detector)
      .field("severity", events::to_string(alert.severity))
      .field("title", alert.title)
      .field("why", alert.why)
      .field("subject", control::to_string(alert.subject))
      .field("subject_value", alert.subject_value)
      .key("evidence")
      .begin_array();
  for (const auto& trace : alert.evidence) writer.value(trace.hex());
  writer.end_array().end_object();
}

void append_action(json::Writer& writer, const soc::ActionRecord& action) {
  writer.begin_object()
      .field("time", action.time / 1'000'000)
      .field("name", action.name)
      .field("by", action.by)
      .field("summary", action.summary)
      .field("undone_by", action.undone_by)
      .end_object();
}

Reply list(soc::Desk& desk) {
  const auto incidents = desk.incidents(kMaxListed, false);
  if (!incidents.ok()) return problem(incidents.error());
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("incidents").begin_array();
  for (const auto& each : *incidents) {
    writer.begin_object();
    append_incident(writer, each);
    writer.end_object();
  }
  writer.end_array().end_object();
  return json_reply(std::move(body));
}

Reply details(soc::Desk& desk, const Call& call) {
  const auto alerts = desk.alerts_of(call.rest);
  if (!alerts.ok()) return problem(alerts.error());
  const auto actions = desk.actions_of(call.rest);
  if (!actions.ok()) return problem(actions.error());
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("alerts").begin_array();
  for (const auto& each : *alerts) append_alert(writer, each.alert);
  writer.end_array().key("actions").begin_array();
  for (const auto& each : *actions) append_action(writer, each);
  writer.end_array().end_object();
  return json_reply(std::move(body));
}

Reply close(Services& services, const Call& call) {
  const auto document = json::Document::parse(call.body, kBodyLimits);
  if (!document.ok()) return problem(document.error());
  const auto id = document->root().text("id");
  if (const auto closed = services.desk->close_incident(id, "user:" + call.session->user); !closed.ok()) return problem(closed.error());
  services.record.change(call, Record::Change::update, "console.close_incident", id,
                         fmt::format("{} closed an incident.", call.session->user));
  return json_reply("{}");
}

}  // namespace

void add_incident_routes(Router& router, Services& services) {
  if (services.desk == nullptr) return;
  soc::Desk& desk = *services.desk;
  router.add({"GET", "/api/incidents", Access::viewer, Lane::reads, [&desk](Call&) { return list(desk); }});
  router.add({"GET", "/api/incidents/*", Access::viewer, Lane::reads, [&desk](Call& call) { return details(desk, call); }});
  router.add({"POST", "/api/incidents/close", Access::responder, Lane::reads, [&services](Call& call) { return close(services, call); }});
}

}  // namespace bulwark::console
