// Whom an alert about a honey row names.
#include "soc/detection/honey_reads.h"

#include <gtest/gtest.h>

namespace bulwark::soc {
namespace {

class Alerts final : public AlertSink {
 public:
  void raise(Alert alert) override { all.push_back(std::move(alert)); }
  std::vector<Alert> all;
};

events::Event read(std::string_view detail) {
  events::Event event;
  event.time = 5;
  event.plane = events::Plane::database;
  event.disposition = events::Disposition::alert;
  event.rule = "database.honey_rows";
  event.user = "app";
  event.message = "a honey row of table customers was read by role app";
  event.target = "select * from customers";
  event.detail = detail;
  event.trace = TraceId::random();
  return event;
}

TEST(HoneyReads, OneReadRaisesAnAlertAboutTheRequestsSource) {
  Alerts alerts;
  const auto detector = make_honey_reads();
  const auto event = read(R"({"command":"SELECT","request":"GET /export","request_source":"203.0.113.9"})");
  detector->on_event(event, alerts);
  ASSERT_EQ(alerts.all.size(), 1U);
  EXPECT_EQ(alerts.all[0].subject, control::Subject::ip);
  EXPECT_EQ(alerts.all[0].subject_value, "203.0.113.9");
  EXPECT_EQ(alerts.all[0].severity, events::Severity::critical);
  EXPECT_EQ(alerts.all[0].title, event.message);
  EXPECT_NE(alerts.all[0].why.find("select * from customers"), std::string::npos);
  ASSERT_EQ(alerts.all[0].evidence.size(), 1U);
  EXPECT_EQ(alerts.all[0].evidence[0], event.trace);
}

TEST(HoneyReads, WithoutARequestItIsAboutTheRole) {
  for (const char* detail : {"{}", "", "nonsense", R"({"request_source":"nowhere"})"}) {
    Alerts alerts;
    make_honey_reads()->on_event(read(detail), alerts);
    ASSERT_EQ(alerts.all.size(), 1U) << detail;
    EXPECT_EQ(alerts.all[0].subject, control::Subject::database_role);
    EXPECT_EQ(alerts.all[0].subject_value, "app");
  }
}

TEST(HoneyReads, StaysQuietOtherwise) {
  Alerts alerts;
  const auto detector = make_honey_reads();
  auto other = read("{}");
  other.rule = "database.max_rows";
  detector->on_event(other, alerts);
  other = read("{}");
  other.plane = events::Plane::waf;
  detector->on_event(other, alerts);
  detector->on_tick(1'000'000'000, alerts);
  EXPECT_TRUE(alerts.all.empty());
}

}  // namespace
}  // namespace bulwark::soc
