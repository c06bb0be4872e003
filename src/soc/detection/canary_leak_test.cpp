// A canary in an answer is an alert, other findings are none, and a loop is one alert a minute.
#include "soc/detection/canary_leak.h"

#include <gtest/gtest.h>

namespace bulwark::soc {
namespace {

constexpr WallTime kSecond = 1'000'000'000;

class Alerts final : public AlertSink {
 public:
  void raise(Alert alert) override { all.push_back(std::move(alert)); }
  std::vector<Alert> all;
};

events::Event leak(WallTime time, std::string_view user) {
  events::Event event;
  event.time = time;
  event.plane = events::Plane::chat;
  event.rule = "chat.output.canary";
  event.user = user;
  event.source = IpAddress::parse("203.0.113.9").value();
  event.trace = TraceId::random();
  return event;
}

TEST(CanaryLeak, IsAnAlertAboutTheUserOrTheAddress) {
  Alerts alerts;
  const auto detector = make_canary_leak();
  detector->on_event(leak(0, "jane"), alerts);
  detector->on_event(leak(0, ""), alerts);
  ASSERT_EQ(alerts.all.size(), 2U);
  EXPECT_EQ(alerts.all[0].subject, control::Subject::user);
  EXPECT_EQ(alerts.all[0].severity, events::Severity::critical);
  EXPECT_EQ(alerts.all[0].evidence.size(), 1U);
  EXPECT_EQ(alerts.all[1].subject_value, "203.0.113.9");
}

TEST(CanaryLeak, IsOneAMinuteForEach) {
  Alerts alerts;
  const auto detector = make_canary_leak();
  for (int i = 0; i < 100; ++i) detector->on_event(leak(i * kSecond, "jane"), alerts);
  EXPECT_EQ(alerts.all.size(), 2U);
  for (int i = 0; i < 30'000; ++i) detector->on_event(leak(200 * kSecond, "u" + std::to_string(i)), alerts);
  EXPECT_EQ(alerts.all.size(), 30'002U);
}

TEST(CanaryLeak, IsNothingElse) {
  Alerts alerts;
  const auto detector = make_canary_leak();
  auto event = leak(0, "jane");
  event.rule = "chat.output.links";
  detector->on_event(event, alerts);
  event = leak(0, "jane");
  event.plane = events::Plane::waf;
  detector->on_event(event, alerts);
  EXPECT_TRUE(alerts.all.empty());
}

}  // namespace
}  // namespace bulwark::soc
