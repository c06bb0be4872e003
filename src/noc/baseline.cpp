// Baselines of latency.
#include "noc/baseline.h"

#include <cmath>

namespace bulwark::noc {

bool Baseline::observe(double value) {
  if (count_ == 0) mean_ = value;
  const bool unusual = count_ >= kWarmUp && value > mean_ + kDeviations * deviation_ && value > kFactor * mean_;
  const double warming = count_ < kWarmUp ? 1.0 / (count_ + 1) : kFollow;
  const double weight = unusual ? warming / 10 : warming;
  deviation_ += weight * (std::abs(value - mean_) - deviation_);
  mean_ += weight * (value - mean_);
  ++count_;
  return unusual;
}

}  // namespace bulwark::noc
