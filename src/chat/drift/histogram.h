// How scores are distributed, and how far apart two distributions are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bulwark::chat::drift {

/// Bins of a quarter of log odds each, around the threshold; the first and the last take the rest.
inline constexpr std::size_t kBins = 64;
inline constexpr float kBinWidth = 0.25F;
using Histogram = std::array<std::uint32_t, kBins>;

/// `score`: log odds above the threshold; below 0: no attack.
std::size_t bin_of(float score);
std::uint64_t total(const Histogram& scores);
/// Of the scores, at or above the threshold; 0 if there are none.
double share_flagged(const Histogram& scores);

/// Population stability index, Σ (w − r) ln (w / r) over at most ten groups of bins that hold about the same share of the reference
/// (Siddiqi, Credit Risk Scorecards, 2006); half a score is added to each group, so that an empty one says little.
double stability_index(const Histogram& reference, const Histogram& window);

}  // namespace bulwark::chat::drift
