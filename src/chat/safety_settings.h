// How models are tried before they judge anybody, and how their scores are watched afterwards.
#pragma once

#include <cstdint>
#include <string>

#include "config/schema.h"

namespace bulwark::chat {

/// Texts of the operator's own that every model must know, beside those that come with the program.
struct CanarySettings {
  std::string file;  ///< as for training: a line {"label", "chan", "text"} each; empty: none
  double min_found = 0.9;
  double max_flagged = 0.05;
};

struct DriftSettings {
  std::int64_t reference = 1'000;  ///< turns under a model that say what is usual
  std::int64_t window = 500;       ///< turns that are compared with them at a time
  double limit = 0.25;             ///< population stability index from which on the scores have moved
};

void describe(config::Object<CanarySettings>& object);
void describe(config::Object<DriftSettings>& object);

}  // namespace bulwark::chat
