// The table against a naive twin (one exact GCRA per key in a map), and what happens when it is full.
#include "base/rate_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>
#include <vector>

#include "base/keyed_hash.h"

namespace bulwark {
namespace {

using namespace std::chrono_literals;

/// A bucket of tokens that fills continuously: the same law in its everyday wording.
struct NaiveBucket {
  double tokens;
  MonoTime last;
  bool take(const Rate& rate, MonoTime now, std::uint32_t cost) {
    tokens = std::min<double>(rate.burst, tokens + static_cast<double>((now - last).count()) / static_cast<double>(rate.interval.count()));
    last = now;
    if (tokens + 1e-6 < cost) return false;
    tokens -= cost;
    return true;
  }
};

TEST(RateTable, DecidesAsANaiveTokenBucket) {
  RateTable table(4096);
  const KeyedHash hash;
  std::map<int, NaiveBucket> naive;
  std::mt19937 random(7);
  const Rate rate{1ms, 5};
  MonoTime now{1h};
  int refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    now += Duration(random() % 200) * 100;
    const int key = static_cast<int>(random() % 20);
    const std::uint32_t cost = 1 + random() % 3;
    auto [bucket, fresh] = naive.try_emplace(key, NaiveBucket{5, now});
    const bool expected = bucket->second.take(rate, now, cost);
    const RateAnswer answer = table.take(hash(std::to_string(key)), rate, now, cost);
    ASSERT_EQ(answer.allowed, expected) << "step " << i;
    ASSERT_LE(answer.remaining, rate.burst);
    refused += expected ? 0 : 1;
  }
  EXPECT_GT(refused, 1000);
}

TEST(RateTable, SaysWhenToComeBack) {
  RateTable table(1);
  const Rate rate{100ms, 2};
  const MonoTime now{1h};
  EXPECT_EQ(table.take(1, rate, now).remaining, 1U);
  EXPECT_EQ(table.take(1, rate, now).remaining, 0U);
  const RateAnswer refused = table.take(1, rate, now + 30ms);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after, 70ms);
  EXPECT_EQ(refused.reset, 170ms);
  EXPECT_FALSE(table.take(1, rate, now + 99ms).allowed);
  EXPECT_TRUE(table.take(1, rate, now + 100ms).allowed);
}

TEST(RateTable, NeverAllowsMoreThanTheBurst) {
  RateTable table(1);
  const Rate rate{24h, 3};
  EXPECT_FALSE(table.take(1, rate, MonoTime{1h}, UINT32_MAX).allowed);
  EXPECT_FALSE(table.take(1, rate, MonoTime{1h}, 4).allowed);
  EXPECT_TRUE(table.take(1, rate, MonoTime{1h}, 3).allowed);
}

TEST(RateTable, StaysBoundedAndRemembersTheWorst) {
  RateTable table(512);
  EXPECT_EQ(table.capacity(), 512U);
  const KeyedHash hash;
  const Rate rate{1s, 10};
  const MonoTime now{1h};
  const std::uint64_t offender = hash("offender");
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(table.take(offender, rate, now).allowed);
  for (int i = 0; i < 100'000; ++i) (void)table.take(hash(std::to_string(i)), rate, now);
  EXPECT_FALSE(table.take(offender, rate, now).allowed);
}

TEST(RateTable, CountsTogetherWhatThreadsTakeAtOnce) {
  RateTable table(512);
  const Rate rate{1h, 1000};
  std::atomic<int> allowed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) allowed += table.take(42, rate, MonoTime{1h}).allowed ? 1 : 0;
    });
  for (auto& each : threads) each.join();
  EXPECT_EQ(allowed, 1000);
}

TEST(KeyedHash, SpreadsAndDiffersByKeyAndSalt) {
  const KeyedHash one;
  const KeyedHash other;
  EXPECT_NE(one("a"), other("a"));
  EXPECT_NE(one("a"), one("a", 1));
  EXPECT_EQ(one("a"), one("a", 0));
  EXPECT_NE(one(""), one(std::string_view("\0", 1)));
  std::map<std::uint64_t, int> buckets;
  for (int i = 0; i < 64'000; ++i) ++buckets[one("203.0.113." + std::to_string(i)) % 64];
  for (const auto& [bucket, count] : buckets) EXPECT_NEAR(count, 1000, 200) << bucket;
}

}  // namespace
}  // namespace bulwark
