// How long requests took within one second: 8 buckets per power of two, so a quantile is at most 12.5 % above the true one.
#pragma once

#include <array>
#include <cstdint>

namespace bulwark::console {

class LatencyHistogram {
 public:
  void add(std::uint32_t microseconds);
  /// The upper edge of the bucket that holds the q-th part (0 < q ≤ 1) in microseconds; 0 when nothing was added.
  std::uint32_t quantile(double q) const;
  std::uint64_t count() const { return count_; }
  void clear();

 private:
  static constexpr unsigned kPerOctave = 8;
  static constexpr unsigned kBuckets = 30 * kPerOctave;
  static unsigned bucket_of(std::uint32_t value);
  static std::uint32_t upper_edge(unsigned bucket);

  std::array<std::uint32_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace bulwark::console
