// Trains the injection models from labelled prompts and documents and sets their thresholds on a second set.
#pragma once

#include <span>
#include <string>

#include "chat/injection/model_file.h"
#include "chat/training/dataset.h"

namespace bulwark::chat::training {

struct Calibration {
  double direct_false_alarms = 0.0085;  ///< share of benign turns of the second set at or above the threshold
  double indirect_false_alarms = 0.03;  ///< of its benign documents; together with the turns at most 1 %
};

/// Deterministic: the same examples give the same models, bit for bit, on the same kind of machine.
injection::Models train_injection(std::span<const Example> train, std::span<const Example> dev, const Calibration& calibration = {});

}  // namespace bulwark::chat::training
