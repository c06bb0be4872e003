#include "console/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bulwark::console {

void LatencyHistogram::add(std::uint32_t microseconds) {
  ++buckets_[bucket_of(microseconds)];
  ++count_;
}

std::uint32_t LatencyHistogram::quantile(double q) const {
  if (count_ == 0) return 0;
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (unsigned bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted) return upper_edge(bucket);
  }
  return upper_edge(kBuckets - 1);
}

void LatencyHistogram::clear() {
  buckets_.fill(0);
  count_ = 0;
}

/// Values below 8 have a bucket each; above, the three bits after the leading one choose within the octave.
unsigned LatencyHistogram::bucket_of(std::uint32_t value) {
  if (value < kPerOctave) return value;
  const unsigned octave = static_cast<unsigned>(std::bit_width(value)) - 4;  // 8..15 → 0
  return std::min((octave + 1) * kPerOctave + ((value >> octave) & (kPerOctave - 1)), kBuckets - 1);
}

std::uint32_t LatencyHistogram::upper_edge(unsigned bucket) {
  if (bucket < kPerOctave) return bucket;
  const unsigned octave = bucket / kPerOctave - 1;
  const std::uint64_t edge = (std::uint64_t{kPerOctave + bucket % kPerOctave + 1} << octave) - 1;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(edge, UINT32_MAX));
}

}  // namespace bulwark::console
