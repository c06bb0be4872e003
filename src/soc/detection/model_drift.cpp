// The chat plane compares the distributions and says once that they moved; the alert says what that means and what to do.
#include "soc/detection/model_drift.h"

#include "wire/json/reader.h"

namespace bulwark::soc {
namespace {

constexpr std::string_view kRule = "chat.drift.moved";
constexpr json::ReadLimits kLimits{.max_bytes = events::Event::kMaxDetail, .max_depth = 8, .max_values = 1'000};

class ModelDrift final : public Detector {
 public:
  std::string_view name() const override { return "model_drift"; }

  void on_event(const events::Event& event, AlertSink& sink) override {
    if (event.rule != kRule || event.plane != events::Plane::chat) return;
    const auto detail = json::Document::parse(event.detail, kLimits);
    const std::string channel(detail.ok() ? detail->root().text("channel") : "");
    Alert alert;
    alert.id = Id<16>::random();
    alert.time = event.time;
    alert.detector = name();
    alert.rule = std::string(name()) + ":" + channel;
    alert.severity = events::Severity::medium;
    alert.title = channel == "data" ? "The chat guard sees other documents than it did" : "The chat guard sees other prompts than it did";
    alert.why = std::string(event.message) +
                ". Either the app or its users have changed, or somebody tries what the guard lets through. Look at the latest findings; "
                "if a new model came in force, `bulwark chat rollback` puts the one before back; if all is well, `bulwark chat "
                "accept-drift` takes this for what is usual.";
    sink.raise(std::move(alert));
  }

  void on_tick(WallTime, AlertSink&) override {}
};

}  // namespace

std::unique_ptr<Detector> make_model_drift() { return std::make_unique<ModelDrift>(); }

}  // namespace bulwark::soc
