// A linear model over hashed features: one signed byte a feature. The score is a log odds before calibration.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "chat/injection/features.h"

namespace bulwark::chat::injection {

/// What a text's features say; that of several texts adds up.
struct Evidence {
  float weight = 0;    ///< the sum of the weights
  float features = 0;  ///< how many
};

struct LinearModel {
  float bias = 0;
  float scale = 0;                   ///< a weight is its byte times this
  std::vector<std::int8_t> weights;  ///< kFeatures of them

  Evidence evidence(const FeatureSet& features) const {
    std::int32_t sum = 0;
    for (const std::uint32_t feature : features.list()) sum += weights[feature];
    return {scale * static_cast<float>(sum), static_cast<float>(features.list().size())};
  }
  float score(const Evidence& evidence) const { return bias + evidence.weight / std::sqrt(std::max(1.0F, evidence.features)); }
  float score(const FeatureSet& features) const { return score(evidence(features)); }
};

}  // namespace bulwark::chat::injection
