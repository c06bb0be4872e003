// Events about alerts and incidents.
#include "soc/incident_events.h"

#include "wire/json/writer.h"

namespace bulwark::soc {

std::string alert_detail(const Alert& alert, std::string_view incident) {
  std::string json;
  json::Writer writer(json);
  writer.begin_object().field("alert", alert.id.hex()).field("incident", incident).field("why", alert.why);
  writer.field("subject", control::to_string(alert.subject)).field("subject_value", alert.subject_value);
  writer.key("evidence").begin_array();
  for (const TraceId& trace : alert.evidence) writer.value(trace.hex());
  writer.end_array().end_object();
  return json;
}

std::string incident_detail(const IncidentRecord& incident) {
  std::string json;
  json::Writer writer(json);
  writer.begin_object().field("incident", incident.id).field("key", incident.key).field("alerts", incident.alerts);
  writer.field("opened", to_rfc3339(incident.opened)).field("state", incident.open ? "open" : "closed").end_object();
  return json;
}

events::Event alert_event(const Alert& alert, std::string_view detail) {
  events::Event event;
  event.time = alert.time;
  event.event_class = events::Class::detection_finding;
  event.activity = kIncidentCreated;
  event.severity = alert.severity;
  event.disposition = events::Disposition::alert;
  event.plane = events::Plane::soc;
  if (alert.subject == control::Subject::ip)
    if (const auto prefix = IpPrefix::parse(alert.subject_value)) event.source = prefix->address;
  if (alert.subject == control::Subject::user) event.user = alert.subject_value;
  if (!alert.evidence.empty()) event.trace = alert.evidence.back();
  event.rule = alert.detector;
  event.message = alert.title;
  event.detail = detail;
  return event;
}

events::Event incident_event(const IncidentRecord& incident, std::uint8_t activity, WallTime time, std::string_view message,
                             std::string_view detail) {
  events::Event event;
  event.time = time;
  event.event_class = events::Class::incident_finding;
  event.activity = activity;
  event.severity = incident.severity;
  event.disposition = events::Disposition::alert;
  event.plane = events::Plane::soc;
  event.rule = "soc.incident";
  event.target = incident.id;
  event.message = message;
  event.detail = detail;
  return event;
}

}  // namespace bulwark::soc
