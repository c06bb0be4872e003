// What a threshold means: which score so many hundredths of honest texts reach. Measured when the models are made, so that people can
// say how many false alarms they put up with instead of a number on a model's scale.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace bulwark::chat::injection {

class AlarmCurve {
 public:
  static constexpr std::array<double, 12> kPercents = {10, 5, 3, 2, 1.5, 1, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05};

  AlarmCurve() = default;
  explicit AlarmCurve(const std::array<float, kPercents.size()>& scores) : scores_(scores) {}
  /// From the scores of honest texts; at least one.
  static AlarmCurve of(std::vector<float> honest);

  /// The score that `percent` hundredths of honest texts reach: between the measured ones on a logarithmic scale, at the ends the nearest.
  float at(double percent) const;
  const std::array<float, kPercents.size()>& scores() const { return scores_; }

 private:
  std::array<float, kPercents.size()> scores_{};
};

}  // namespace bulwark::chat::injection
