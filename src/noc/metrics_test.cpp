// Metrics in Prometheus' text form.
#include "noc/metrics.h"

#include <gtest/gtest.h>

#include <thread>

namespace bulwark::noc {
namespace {

TEST(Metrics, WritesFamiliesLabelsAndEscapes) {
  Metrics metrics;
  metrics.counter("bulwark_requests_total", "Requests answered.", {{"route", "a\"b\\c\nd"}}).add(3);
  metrics.counter("bulwark_requests_total", "Requests answered.", {{"route", "a\"b\\c\nd"}}).add();
  metrics.gauge("bulwark_probe_up", "1: up.", {{"name", "shop"}, {"kind", "http"}}, [] { return 0.5; });
  EXPECT_EQ(metrics.text(),
            "# HELP bulwark_probe_up 1: up.\n# TYPE bulwark_probe_up gauge\nbulwark_probe_up{name=\"shop\",kind=\"http\"} 0.5\n"
            "# HELP bulwark_requests_total Requests answered.\n# TYPE bulwark_requests_total counter\n"
            "bulwark_requests_total{route=\"a\\\"b\\\\c\\nd\"} 4\n");
}

TEST(Metrics, CountsFromManyThreadsAndBoundsItsSeries) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) metrics.counter("c_total", "C.").add();
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(metrics.counter("c_total", "C.").value(), 40'000U);
  for (std::size_t i = 0; i < Metrics::kMaxSeries + 10; ++i) metrics.counter("m_total", "M.", {{"i", std::to_string(i)}}).add();
  EXPECT_EQ(metrics.text().find("i=\"10005\""), std::string::npos);
}

}  // namespace
}  // namespace bulwark::noc
