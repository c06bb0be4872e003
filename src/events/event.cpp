// Words for the event enums, as filters, exports and pages use them.
#include "events/event.h"

namespace bulwark::events {

std::string_view to_string(Class event_class) {
  switch (event_class) {
    case Class::detection_finding: return "detection_finding";
    case Class::incident_finding: return "incident_finding";
    case Class::entity_management: return "entity_management";
    case Class::authentication: return "authentication";
    case Class::network_activity: return "network_activity";
    case Class::http_activity: return "http_activity";
    case Class::application_lifecycle: return "application_lifecycle";
    case Class::api_activity: return "api_activity";
    case Class::datastore_activity: return "datastore_activity";
  }
  return "unknown";
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::unknown: return "unknown";
    case Severity::informational: return "informational";
    case Severity::low: return "low";
    case Severity::medium: return "medium";
    case Severity::high: return "high";
    case Severity::critical: return "critical";
    case Severity::fatal: return "fatal";
  }
  return "unknown";
}

std::string_view to_string(Disposition disposition) {
  switch (disposition) {
    case Disposition::unknown: return "unknown";
    case Disposition::allowed: return "allowed";
    case Disposition::blocked: return "blocked";
    case Disposition::error: return "error";
    case Disposition::logged: return "logged";
    case Disposition::alert: return "alert";
  }
  return "unknown";
}

std::string_view to_string(Plane plane) {
  switch (plane) {
    case Plane::edge: return "edge";
    case Plane::waf: return "waf";
    case Plane::api: return "api";
    case Plane::chat: return "chat";
    case Plane::database: return "database";
    case Plane::identity: return "identity";
    case Plane::control: return "control";
    case Plane::soc: return "soc";
    case Plane::noc: return "noc";
    case Plane::console: return "console";
    case Plane::process: return "process";
  }
  return "unknown";
}

}  // namespace bulwark::events
