// Quantiles in, interpolation out.
#include "chat/injection/alarm_curve.h"

#include <algorithm>
#include <cmath>

namespace bulwark::chat::injection {

AlarmCurve AlarmCurve::of(std::vector<float> honest) {
  std::sort(honest.begin(), honest.end());
  std::array<float, kPercents.size()> scores{};
  for (std::size_t i = 0; i < scores.size() && !honest.empty(); ++i) {
    const auto at = static_cast<std::size_t>(static_cast<double>(honest.size()) * (1 - kPercents[i] / 100));
    scores[i] = std::nextafter(honest[std::min(at, honest.size() - 1)], 1e9F);
  }
  return AlarmCurve(scores);
}

float AlarmCurve::at(double percent) const {
  if (percent >= kPercents.front()) return scores_.front();
  for (std::size_t i = 1; i < kPercents.size(); ++i) {
    if (percent < kPercents[i]) continue;
    const double share = std::log(kPercents[i - 1] / percent) / std::log(kPercents[i - 1] / kPercents[i]);
    return scores_[i - 1] + static_cast<float>(share) * (scores_[i] - scores_[i - 1]);
  }
  return scores_.back();
}

}  // namespace bulwark::chat::injection
