// What an alert about moved scores says.
#include "soc/detection/model_drift.h"

#include <gtest/gtest.h>

namespace bulwark::soc {
namespace {

class Alerts final : public AlertSink {
 public:
  void raise(Alert alert) override { all.push_back(std::move(alert)); }
  std::vector<Alert> all;
};

events::Event moved(std::string_view rule) {
  events::Event event;
  event.time = 5;
  event.plane = events::Plane::chat;
  event.rule = rule;
  event.message = "the scores of users' turns have moved (population stability index 0.41, limit 0.25)";
  event.detail = R"({"channel":"user","index":0.41})";
  return event;
}

TEST(ModelDrift, MovedScoresAreOneAlertAboutNobody) {
  Alerts alerts;
  const auto detector = make_model_drift();
  detector->on_event(moved("chat.drift.moved"), alerts);
  ASSERT_EQ(alerts.all.size(), 1U);
  EXPECT_EQ(alerts.all[0].rule, "model_drift:user");
  EXPECT_EQ(alerts.all[0].subject_value, "");
  EXPECT_NE(alerts.all[0].why.find("0.41"), std::string::npos);
  EXPECT_NE(alerts.all[0].why.find("accept-drift"), std::string::npos);
}

TEST(ModelDrift, OtherNewsIsNone) {
  Alerts alerts;
  const auto detector = make_model_drift();
  detector->on_event(moved("chat.drift.back"), alerts);
  events::Event elsewhere = moved("chat.drift.moved");
  elsewhere.plane = events::Plane::waf;
  detector->on_event(elsewhere, alerts);
  EXPECT_TRUE(alerts.all.empty());
}

}  // namespace
}  // namespace bulwark::soc
