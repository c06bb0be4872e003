// The visible list of detectors. A new one is one file and one line here that says what it adds to those above.
#include "bulwark/soc_lists.h"

#include "soc/detection/canary_leak.h"
#include "soc/detection/honey_reads.h"
#include "soc/detection/model_drift.h"
#include "soc/detection/repeated_blocks.h"

namespace bulwark::app {

std::vector<std::unique_ptr<soc::Detector>> make_detectors(const soc::Settings& settings) {
  std::vector<std::unique_ptr<soc::Detector>> detectors;

  // The same source refused again and again, on whichever plane: somebody is trying doors.
  detectors.push_back(soc::make_repeated_blocks(settings.repeated_blocks));

  // A system prompt's canary in an answer: the one finding of the chat guard that has no innocent reading.
  detectors.push_back(soc::make_canary_leak());

  // A row was read that nobody has a reason to read: one look is enough.
  detectors.push_back(soc::make_honey_reads());

  // The chat guard judges other texts than when its model was new: no single request shows that.
  detectors.push_back(soc::make_model_drift());

  // New detectors go above this line
  return detectors;
}

}  // namespace bulwark::app
