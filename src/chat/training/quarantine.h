// Finds training rows whose label is probably wrong: models that never saw a row, and disagree with it most, name it. The rows
// are put aside for a person to look at, not dropped.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "chat/training/dataset.h"

namespace bulwark::chat::training {

struct Suspect {
  std::size_t row = 0;     ///< its place in the examples
  float disagreement = 0;  ///< log odds against its label, from models fitted without it
};

/// The `size` rows that are most against their label, worst first. Deterministic.
std::vector<Suspect> quarantine(std::span<const Example> examples, std::size_t size);

}  // namespace bulwark::chat::training
