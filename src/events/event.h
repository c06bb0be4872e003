// One typed fact that a plane observed, shaped after OCSF 1.8 (https://schema.ocsf.io): the columns that people search by
// are fields here, the rest of the class is a JSON object in `detail`. Views only: publishing copies the bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/ip.h"

namespace bulwark::events {

/// OCSF class_uid.
enum class Class : std::uint16_t {
  detection_finding = 2004,
  incident_finding = 2005,
  entity_management = 3004,
  authentication = 3002,
  network_activity = 4001,
  http_activity = 4002,
  application_lifecycle = 6002,
  api_activity = 6003,
  datastore_activity = 6005,
};

/// OCSF severity_id.
enum class Severity : std::uint8_t { unknown = 0, informational = 1, low = 2, medium = 3, high = 4, critical = 5, fatal = 6 };

/// OCSF disposition_id (the part of it that we use).
enum class Disposition : std::uint8_t { unknown = 0, allowed = 1, blocked = 2, error = 11, logged = 17, alert = 19 };

enum class Plane : std::uint8_t { edge, waf, api, chat, database, identity, control, soc, noc, console, process };

std::string_view to_string(Class event_class);
std::string_view to_string(Severity severity);
std::string_view to_string(Disposition disposition);
std::string_view to_string(Plane plane);

struct Event {
  WallTime time = 0;
  Class event_class = Class::http_activity;
  std::uint8_t activity = 0;  ///< OCSF activity_id of the class
  Severity severity = Severity::informational;
  Disposition disposition = Disposition::unknown;
  Plane plane = Plane::edge;
  std::uint16_t status = 0;  ///< HTTP status or 0
  std::uint16_t source_port = 0;
  IpAddress source;
  TraceId trace;
  SpanId span;
  std::uint32_t duration_us = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t rows = 0;  ///< database statements
  std::string_view user;
  std::string_view tenant;
  std::string_view route;    ///< route id, database name
  std::string_view rule;     ///< what decided: "942100", "control.block", "chat.pii.email"
  std::string_view target;   ///< "GET /api/orders", a normalised statement's text
  std::string_view message;  ///< one sentence for people
  std::string_view detail;   ///< a JSON object, or empty; secrets and personal data redacted before they come here

  static constexpr std::size_t kMaxText = 4 * 1024;  ///< of each field above; longer is cut at publishing
  static constexpr std::size_t kMaxDetail = 64 * 1024;
};

}  // namespace bulwark::events
