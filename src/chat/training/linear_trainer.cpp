// Weights are fitted in floats and rounded to bytes at the end; the few largest are cut so that the others keep their digits.
#include "chat/training/linear_trainer.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "chat/injection/normalise.h"

namespace bulwark::chat::training {

namespace {

constexpr float kBiasRate = 0.02F;
constexpr double kKeptWhole = 0.9995;  ///< of the weights that are not zero

float score(const std::vector<float>& weights, float bias, const Sample& sample) {
  float sum = 0;
  for (const std::uint32_t feature : sample.features) sum += weights[feature];
  return bias + sum / std::sqrt(static_cast<float>(sample.features.size()));
}

injection::LinearModel rounded(const std::vector<float>& weights, float bias) {
  std::vector<float> sizes;
  for (const float weight : weights)
    if (weight != 0) sizes.push_back(std::fabs(weight));
  injection::LinearModel model;
  model.bias = bias;
  model.weights.resize(weights.size());
  if (sizes.empty()) return model;
  const auto at = sizes.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(sizes.size() - 1) * kKeptWhole);
  std::nth_element(sizes.begin(), at, sizes.end());
  model.scale = *at / 127;
  for (std::size_t i = 0; i < weights.size(); ++i)
    model.weights[i] = static_cast<std::int8_t>(std::lround(std::clamp(weights[i] / model.scale, -127.0F, 127.0F)));
  return model;
}

}  // namespace

std::vector<std::uint32_t> features_of(std::string_view text) {
  thread_local injection::FeatureSet set;
  set.extract(injection::fold(text));
  return set.list();
}

injection::LinearModel fit(std::span<const Sample> samples, const FitSettings& settings, std::uint32_t left_out) {
  std::vector<const Sample*> order;
  for (const Sample& sample : samples)
    if (sample.fold != left_out && !sample.features.empty()) order.push_back(&sample);
  std::vector<float> weights(injection::kFeatures);
  std::vector<float> squares(injection::kFeatures, 1e-6F);
  float bias = 0;
  std::mt19937 random(settings.seed);
  for (unsigned epoch = 0; epoch < settings.epochs; ++epoch) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);  // std::shuffle differs by library
    for (const Sample* sample : order) {
      const float odds = 1 / (1 + std::exp(-score(weights, bias, *sample)));
      const float slope = (odds - static_cast<float>(sample->attack)) * sample->weight;
      const float step = slope / std::sqrt(static_cast<float>(sample->features.size()));
      for (const std::uint32_t feature : sample->features) {
        const float gradient = step + settings.ridge * weights[feature];
        squares[feature] += gradient * gradient;
        weights[feature] -= settings.rate * gradient / std::sqrt(squares[feature]);
      }
      bias -= kBiasRate * slope;
    }
  }
  return rounded(weights, bias);
}

}  // namespace bulwark::chat::training
