// Sums over bins.
#include "chat/drift/histogram.h"

#include <cmath>
#include <numeric>

namespace bulwark::chat::drift {

namespace {
constexpr std::size_t kGroups = 10;
constexpr std::size_t kThreshold = kBins / 2;  // the first bin at or above it
constexpr double kHalf = 0.5;
}  // namespace

std::size_t bin_of(float score) {
  const float at = std::floor(score / kBinWidth) + static_cast<float>(kThreshold);
  if (!(at > 0)) return 0;
  return at >= static_cast<float>(kBins) ? kBins - 1 : static_cast<std::size_t>(at);
}

std::uint64_t total(const Histogram& scores) { return std::accumulate(scores.begin(), scores.end(), std::uint64_t{0}); }

double share_flagged(const Histogram& scores) {
  const std::uint64_t all = total(scores);
  const std::uint64_t flagged = std::accumulate(scores.begin() + kThreshold, scores.end(), std::uint64_t{0});
  return all == 0 ? 0 : static_cast<double>(flagged) / static_cast<double>(all);
}

double stability_index(const Histogram& reference, const Histogram& window) {
  const auto references = static_cast<double>(total(reference));
  const auto windows = static_cast<double>(total(window));
  if (references == 0 || windows == 0) return 0;
  std::array<double, kGroups> before{};
  std::array<double, kGroups> now{};
  double passed = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    // A bin belongs to the group that its middle lies in, of the reference.
    const double middle = (passed + reference[bin] / 2.0) / references;
    const auto group = std::min(kGroups - 1, static_cast<std::size_t>(middle * kGroups));
    before[group] += reference[bin];
    now[group] += window[bin];
    passed += reference[bin];
  }
  double index = 0;
  for (std::size_t group = 0; group < kGroups; ++group) {
    if (before[group] == 0 && now[group] == 0) continue;
    const double r = (before[group] + kHalf) / (references + kHalf);
    const double w = (now[group] + kHalf) / (windows + kHalf);
    index += (w - r) * std::log(w / r);
  }
  return index;
}

}  // namespace bulwark::chat::drift
