// What the SOC keeps and shows: alerts, the incidents they make up, and what was done about them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "soc/detector.h"

namespace bulwark::soc {

struct AlertRecord {
  std::int64_t number = 0;  ///< grows; for paging
  Alert alert;
  std::string incident;  ///< id
};

struct IncidentRecord {
  std::string id;                                         ///< 32 hex digits
  std::string key;                                        ///< Alert::rule of its alerts
  std::string title;                                      ///< of the latest alert
  events::Severity severity = events::Severity::unknown;  ///< the highest
  WallTime opened = 0;
  WallTime last = 0;
  std::int64_t alerts = 0;
  bool open = true;
  std::string closed_by;
};

struct ActionRecord {
  std::int64_t number = 0;
  std::string incident;
  WallTime time = 0;
  std::string name;         ///< "block"
  std::string by;           ///< "playbook:…" or "user:…"
  std::string summary;      ///< what was done, or why not
  std::string undo_handle;  ///< empty: nothing to undo
  std::string undone_by;    ///< empty: still stands, or ended by itself
};

}  // namespace bulwark::soc
