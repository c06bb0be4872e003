// Measures the detector on a labelled set it was not fitted to: recall, false alarms and AUC per set and channel, and the loss
// under each evasion.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/injection/detector.h"
#include "chat/training/dataset.h"

namespace bulwark::chat::training {

struct SetResult {
  std::string source;
  bool attack = false;
  bool indirect = false;
  std::size_t rows = 0;
  std::size_t flagged = 0;
  double auc = 0;  ///< attacks only: against all benign rows of the same channel (BIPIA: of the same task)

  double share() const { return rows == 0 ? 0 : static_cast<double>(flagged) / static_cast<double>(rows); }
};

std::vector<SetResult> evaluate(const injection::Detector& detector, std::span<const Example> examples);

/// Share of the rows with that label that are flagged.
double flagged_share(const injection::Detector& detector, std::span<const Example> examples, bool attack);

}  // namespace bulwark::chat::training
