// Fits a linear model to hashed features: logistic loss, AdaGrad steps, examples in a reproducible order.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "chat/injection/features.h"
#include "chat/injection/linear_model.h"

namespace bulwark::chat::training {

struct Sample {
  std::vector<std::uint32_t> features;
  bool attack = false;
  float weight = 1;
  std::uint32_t fold = 0;  ///< which part of a cross-validation it is held out of
};

struct FitSettings {
  unsigned epochs = 8;
  float rate = 0.3F;
  float ridge = 1e-5F;
  std::uint32_t seed = 1;
};

inline constexpr std::uint32_t kNoFold = ~0U;

/// `left_out`: samples of that fold are not looked at; kNoFold: all are.
injection::LinearModel fit(std::span<const Sample> samples, const FitSettings& settings, std::uint32_t left_out = kNoFold);

/// The features of a text as the guards see it.
std::vector<std::uint32_t> features_of(std::string_view text);

}  // namespace bulwark::chat::training
