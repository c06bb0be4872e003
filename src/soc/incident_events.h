// Alerts and incidents as events: OCSF Detection Finding (2004) and Incident Finding (2005).
#pragma once

#include <string>

#include "events/event.h"
#include "soc/records.h"

namespace bulwark::soc {

/// OCSF activity_id of a finding.
inline constexpr std::uint8_t kIncidentCreated = 1;
inline constexpr std::uint8_t kIncidentUpdated = 2;
inline constexpr std::uint8_t kIncidentClosed = 3;

/// JSON objects for Event::detail.
std::string alert_detail(const Alert& alert, std::string_view incident);
std::string incident_detail(const IncidentRecord& incident);

/// Views into the arguments.
events::Event alert_event(const Alert& alert, std::string_view detail);
events::Event incident_event(const IncidentRecord& incident, std::uint8_t activity, WallTime time, std::string_view message,
                             std::string_view detail);

}  // namespace bulwark::soc
