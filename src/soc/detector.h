// Turns events into alerts. A detector is one file in detection/, its test beside it, and one line in
// apps/bulwark/detectors.cpp. Detectors run on the bus thread, one after another: bounded state, no I/O, no waiting.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/ip.h"
#include "control/table.h"
#include "events/event.h"

namespace bulwark::soc {

/// Something a person or a playbook should act on, with the reason and the evidence.
struct Alert {
  Id<16> id;
  WallTime time = 0;
  std::string detector;
  std::string rule;  ///< what groups alerts into one incident: detector + subject
  events::Severity severity = events::Severity::high;
  std::string title;  ///< "203.0.113.9 was blocked 5 times in 10 s"
  std::string why;    ///< for people: counts, thresholds, what was seen
  control::Subject subject = control::Subject::ip;
  std::string subject_value;      ///< whom a playbook would act on; empty: nobody
  std::vector<TraceId> evidence;  ///< at most kMaxEvidence traces

  static constexpr std::size_t kMaxEvidence = 32;
};

class AlertSink {
 public:
  virtual ~AlertSink() = default;
  virtual void raise(Alert alert) = 0;
};

class Detector {
 public:
  virtual ~Detector() = default;
  virtual std::string_view name() const = 0;
  virtual void on_event(const events::Event& event, AlertSink& sink) = 0;
  /// At least every 100 ms: windows that end, silence that means something.
  virtual void on_tick(WallTime now, AlertSink& sink) = 0;
};

}  // namespace bulwark::soc
