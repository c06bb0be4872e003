// When distributions are apart, and that the monitor says so once, from many threads' counts, and again when they are not.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "chat/drift/monitor.h"
#include "wire/json/reader.h"

namespace bulwark::chat::drift {
namespace {

Histogram drawn(double mean, std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> scores(static_cast<float>(mean), 1.5F);
  Histogram made{};
  for (std::size_t i = 0; i < count; ++i) ++made[bin_of(scores(random))];
  return made;
}

TEST(Histogram, TheThresholdIsTheBorderInTheMiddle) {
  EXPECT_EQ(bin_of(0), kBins / 2);
  EXPECT_EQ(bin_of(-0.001F), kBins / 2 - 1);
  EXPECT_EQ(bin_of(-99), 0U);
  EXPECT_EQ(bin_of(99), kBins - 1);
  EXPECT_EQ(bin_of(std::nanf("")), 0U);
  Histogram scores{};
  scores[bin_of(0)] = 1;
  scores[bin_of(-1)] = 3;
  EXPECT_DOUBLE_EQ(share_flagged(scores), 0.25);
}

TEST(StabilityIndex, IsSmallForTheSamePublicAndLargeForAnother) {
  const Histogram usual = drawn(-4, 1'000, 1);
  for (unsigned seed = 2; seed < 40; ++seed) EXPECT_LT(stability_index(usual, drawn(-4, 500, seed)), 0.1) << seed;
  EXPECT_GT(stability_index(usual, drawn(-3, 500, 2)), 0.25);
  EXPECT_GT(stability_index(usual, drawn(-5, 500, 2)), 0.25);
  EXPECT_DOUBLE_EQ(stability_index(usual, usual), 0);
}

TEST(StabilityIndex, OneBinThatHoldsEverythingIsEnough) {
  Histogram usual{};
  usual[3] = 1'000;
  Histogram other{};
  other[40] = 500;
  EXPECT_GT(stability_index(usual, other), 1);
  EXPECT_LT(stability_index(usual, usual), 0.01);
  EXPECT_DOUBLE_EQ(stability_index(usual, {}), 0);
}

class Watched {
 public:
  explicit Watched(Monitor::Usual usual = {})
      : monitor(
            {.reference = 500, .window = 200}, usual,
            [this](Channel channel, const Histogram& scores) {
              EXPECT_EQ(channel, Channel::user);
              saved.push_back(scores);
            },
            [this](const Notice& notice) { told.push_back(notice); }) {}
  void turns(float score, int count) {
    for (int i = 0; i < count; ++i) monitor.note(Channel::user, score + static_cast<float>(i % 8) * kBinWidth);
    monitor.check();
  }
  std::vector<Histogram> saved;
  std::vector<Notice> told;
  Monitor monitor;  // last: its thread ends first
};

TEST(Monitor, TellsOnceThatScoresMovedAndOnceThatTheyAreBack) {
  Watched watched;
  watched.turns(-5, 499);
  EXPECT_TRUE(watched.saved.empty());
  watched.turns(-5, 1);
  ASSERT_EQ(watched.saved.size(), 1U);
  EXPECT_EQ(total(watched.saved[0]), 500U);
  watched.turns(-5, 200);
  EXPECT_TRUE(watched.told.empty());
  watched.turns(1, 200);
  ASSERT_EQ(watched.told.size(), 1U);
  EXPECT_EQ(watched.told[0].rule, "chat.drift.moved");
  EXPECT_NE(watched.told[0].message.find("100.0 % of the last 200"), std::string::npos) << watched.told[0].message;
  watched.turns(1, 200);
  EXPECT_EQ(watched.told.size(), 1U);
  watched.turns(-5, 200);
  ASSERT_EQ(watched.told.size(), 2U);
  EXPECT_EQ(watched.told[1].rule, "chat.drift.back");
}

TEST(Monitor, GoesOnWithWhatWasUsualAndCanBeToldToBeginAnew) {
  Histogram usual{};
  usual[bin_of(-5)] = 500;
  Watched watched({usual, std::nullopt});
  watched.turns(1, 200);
  EXPECT_EQ(watched.told.size(), 1U);
  watched.monitor.begin_anew();
  watched.turns(1, 500);
  ASSERT_EQ(watched.saved.size(), 1U);
  watched.turns(1, 200);
  EXPECT_EQ(watched.told.size(), 1U);
}

TEST(Monitor, CountsWhatManyThreadsSay) {
  Watched watched;
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i)
    threads.emplace_back([&] {
      for (int turn = 0; turn < 24; ++turn) watched.monitor.note(Channel::user, -2);
    });
  for (std::thread& each : threads) each.join();
  std::string text;
  json::Writer writer(text);
  watched.monitor.write_status(writer);
  const auto status = json::Document::parse(text);
  EXPECT_EQ((*status->root().begin()).find("counted")->integer(), 480) << text;
}

}  // namespace
}  // namespace bulwark::chat::drift
