// A linear model over hashed features: one signed byte a feature. The score is a log odds before calibration.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "chat/injection/features.h"

namespace bulwark::chat::injection {

struct LinearModel {
  float bias = 0;
  float scale = 0;                   ///< a weight is its byte times this
  std::vector<std::int8_t> weights;  ///< kFeatures of them

  float score(const FeatureSet& features) const {
    std::int32_t sum = 0;
    for (const std::uint32_t feature : features.list()) sum += weights[feature];
    const auto count = static_cast<float>(features.list().empty() ? 1 : features.list().size());
    return bias + scale * static_cast<float>(sum) / std::sqrt(count);
  }
};

}  // namespace bulwark::chat::injection
