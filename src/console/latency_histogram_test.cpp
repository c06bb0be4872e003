#include "console/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace bulwark::console {
namespace {

TEST(LatencyHistogram, EmptyAndSmallValuesAreExact) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0U);
  for (const std::uint32_t each : {1U, 2U, 3U, 4U, 5U}) histogram.add(each);
  EXPECT_EQ(histogram.quantile(0.5), 3U);
  EXPECT_EQ(histogram.quantile(1.0), 5U);
  histogram.clear();
  EXPECT_EQ(histogram.quantile(1.0), 0U);
}

TEST(LatencyHistogram, StaysWithinAnEighthOfASortedList) {
  std::mt19937 random(1);
  std::lognormal_distribution<double> spread(8, 2);
  for (int round = 0; round < 50; ++round) {
    LatencyHistogram histogram;
    std::vector<std::uint32_t> naive;
    for (int i = 0; i < 500; ++i) {
      naive.push_back(static_cast<std::uint32_t>(std::min(spread(random), 1e9)));
      histogram.add(naive.back());
    }
    std::sort(naive.begin(), naive.end());
    for (const double q : {0.01, 0.5, 0.95, 0.99, 1.0}) {
      const auto exact = naive[static_cast<std::size_t>(std::ceil(q * 500)) - 1];
      EXPECT_GE(histogram.quantile(q), exact);
      EXPECT_LE(histogram.quantile(q), exact + exact / 8 + 1) << q;
    }
  }
}

TEST(LatencyHistogram, HoldsTheLargestValue) {
  LatencyHistogram histogram;
  histogram.add(UINT32_MAX);
  EXPECT_GE(histogram.quantile(1.0), UINT32_MAX / 8 * 7);
}

}  // namespace
}  // namespace bulwark::console
