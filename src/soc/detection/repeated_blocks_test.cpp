// repeated_blocks against a naive count over all events, and its bounds.
#include "soc/detection/repeated_blocks.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace bulwark::soc {
namespace {

constexpr WallTime kSecond = 1'000'000'000;

class Alerts final : public AlertSink {
 public:
  void raise(Alert alert) override { all.push_back(std::move(alert)); }
  std::vector<Alert> all;
};

events::Event blocked(WallTime time, std::string_view source, events::Plane plane = events::Plane::waf) {
  events::Event event;
  event.time = time;
  event.plane = plane;
  event.disposition = events::Disposition::blocked;
  event.source = IpAddress::parse(source).value();
  event.trace = TraceId::random();
  event.rule = "942100";
  return event;
}

TEST(RepeatedBlocks, RaisesAtTheThresholdWithReasonAndEvidence) {
  Alerts alerts;
  const auto detector = make_repeated_blocks({.count = 3, .window = std::chrono::seconds(10)});
  for (int i = 0; i < 2; ++i) detector->on_event(blocked(i * kSecond, "203.0.113.9"), alerts);
  EXPECT_TRUE(alerts.all.empty());
  detector->on_event(blocked(2 * kSecond, "203.0.113.9"), alerts);
  ASSERT_EQ(alerts.all.size(), 1U);
  EXPECT_EQ(alerts.all[0].title, "203.0.113.9 had 3 attacks blocked within 2.0 s");
  EXPECT_NE(alerts.all[0].why.find("942100"), std::string::npos);
  EXPECT_EQ(alerts.all[0].evidence.size(), 3U);
  EXPECT_EQ(alerts.all[0].subject_value, "203.0.113.9");
}

TEST(RepeatedBlocks, DoesNotCountWhatIsNotAnAttackOrCountedAlready) {
  Alerts alerts;
  const auto detector = make_repeated_blocks({.count = 2, .window = std::chrono::seconds(10)});
  auto event = blocked(0, "203.0.113.9");
  detector->on_event(event, alerts);
  detector->on_event(event, alerts);  // the same request by another rule
  detector->on_event(blocked(1, "203.0.113.8"), alerts);
  detector->on_event(blocked(1, "203.0.113.9", events::Plane::database), alerts);
  detector->on_event(blocked(1, "203.0.113.9", events::Plane::edge), alerts);
  for (const char* limit : {"control.block", "chat.budget.daily", "chat.model.not_allowed"}) {
    event = blocked(1, "203.0.113.9");
    event.rule = limit;
    event.plane = events::Plane::chat;
    detector->on_event(event, alerts);
  }
  event = blocked(1, "203.0.113.9");
  event.disposition = events::Disposition::allowed;
  detector->on_event(event, alerts);
  EXPECT_TRUE(alerts.all.empty());
  detector->on_event(blocked(9 * kSecond, "203.0.113.9"), alerts);
  EXPECT_EQ(alerts.all.size(), 1U);
}

TEST(RepeatedBlocks, TakesAnIpv6NetworkAsOneSource) {
  Alerts alerts;
  const auto detector = make_repeated_blocks({.count = 3, .window = std::chrono::seconds(10)});
  for (int i = 1; i <= 3; ++i) detector->on_event(blocked(i, "2001:db8:1:2::" + std::to_string(i)), alerts);
  ASSERT_EQ(alerts.all.size(), 1U);
  EXPECT_EQ(alerts.all[0].subject_value, "2001:db8:1:2::/64");
}

/// Against a naive twin that keeps every block for ever and counts anew after each alert.
TEST(RepeatedBlocks, AgreesWithANaiveCount) {
  constexpr std::uint32_t kCount = 4;
  constexpr WallTime kWindow = 5 * kSecond;
  Alerts alerts;
  const auto detector = make_repeated_blocks({.count = kCount, .window = std::chrono::seconds(5)});
  std::map<std::string, std::vector<WallTime>> twin;
  std::size_t expected = 0;
  std::mt19937 random(9);
  WallTime now = kSecond;
  for (int i = 0; i < 20'000; ++i) {
    now += static_cast<WallTime>(random() % (kSecond / 4));
    const std::string source = "198.51.100." + std::to_string(random() % 12);
    detector->on_event(blocked(now, source), alerts);
    if (i % 10 == 0) detector->on_tick(now, alerts);
    auto& times = twin[source];
    times.push_back(now);
    const auto recent = std::count_if(times.begin(), times.end(), [&](WallTime each) { return each + kWindow > now; });
    if (recent >= kCount) {
      ++expected;
      times.clear();
    }
    ASSERT_EQ(alerts.all.size(), expected) << i;
  }
  EXPECT_GT(expected, 100U);
}

TEST(RepeatedBlocks, ForgetsTheQuietestOfTooManySources) {
  Alerts alerts;
  const auto detector = make_repeated_blocks({.count = 2, .window = std::chrono::hours(1)});
  const auto source = [](unsigned i) {
    return "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255);
  };
  for (unsigned i = 0; i < 60'000; ++i) detector->on_event(blocked(i, source(i)), alerts);
  detector->on_event(blocked(60'000, source(0)), alerts);
  EXPECT_TRUE(alerts.all.empty()) << "the first was forgotten";
  detector->on_event(blocked(60'000, source(59'999)), alerts);
  EXPECT_EQ(alerts.all.size(), 1U);
}

}  // namespace
}  // namespace bulwark::soc
