// What is usual for one thing's latency: a slowly following mean and mean deviation, and when a value is out of the usual.
#pragma once

#include <cstdint>

namespace bulwark::noc {

class Baseline {
 public:
  static constexpr std::uint32_t kWarmUp = 20;  ///< observations before anything counts as unusual
  static constexpr double kFollow = 0.05;       ///< weight of a new value
  static constexpr double kDeviations = 6;
  static constexpr double kFactor = 2;  ///< and at least so many times the mean: small numbers jump

  /// True when `value` is unusually high. Unusual values move the baseline a tenth as much as usual ones: an hour of
  /// slowness must not become the norm at once.
  bool observe(double value);
  double mean() const { return mean_; }
  double deviation() const { return deviation_; }
  std::uint32_t count() const { return count_; }

 private:
  double mean_ = 0;
  double deviation_ = 0;
  std::uint32_t count_ = 0;
};

}  // namespace bulwark::noc
