// When the detector @name@ raises an alert, and when it keeps quiet.
#include "soc/detection/@name@.h"

#include <gtest/gtest.h>

namespace bulwark::soc {
namespace {

class Collected final : public AlertSink {
 public:
  void raise(Alert alert) override { alerts.push_back(std::move(alert)); }
  std::vector<Alert> alerts;
};

TEST(@Name@, KeepsQuietAboutAnOrdinaryEvent) {
  Collected sink;
  events::Event event;
  event.disposition = events::Disposition::allowed;
  make_@name@()->on_event(event, sink);
  EXPECT_TRUE(sink.alerts.empty());
}

}  // namespace
}  // namespace bulwark::soc
