// The detector canary_leak: one alert a user or address and minute, so that a loop is one incident and no flood.
#include "soc/detection/canary_leak.h"

#include <fmt/format.h>

#include <unordered_map>

namespace bulwark::soc {
namespace {

constexpr std::string_view kRule = "chat.output.canary";
constexpr WallTime kQuiet = 60'000'000'000;
constexpr std::size_t kMaxSubjects = 10'000;  // past it the oldest go at once: an alert too many is better than one too few
constexpr std::size_t kMaxName = 256;

class CanaryLeak final : public Detector {
 public:
  std::string_view name() const override { return "canary_leak"; }

  void on_event(const events::Event& event, AlertSink& sink) override {
    if (event.plane != events::Plane::chat || event.rule != kRule) return;
    const bool known = !event.user.empty();
    const std::string who = known ? std::string(event.user.substr(0, kMaxName)) : event.source.text();
    if (told_.size() >= kMaxSubjects) told_.clear();
    const auto [at, first] = told_.try_emplace(who, event.time);
    if (!first && event.time < at->second + kQuiet) return;
    at->second = event.time;
    sink.raise(alert(event, who, known));
  }

  void on_tick(WallTime now, AlertSink&) override {
    std::erase_if(told_, [&](const auto& each) { return each.second + kQuiet <= now; });
  }

 private:
  static Alert alert(const events::Event& event, const std::string& who, bool known) {
    const bool blocked = event.disposition == events::Disposition::blocked;
    Alert made;
    made.id = Id<16>::random();
    made.time = event.time;
    made.detector = "canary_leak";
    made.severity = events::Severity::critical;
    made.subject = known ? control::Subject::user : control::Subject::ip;
    made.subject_value = who;
    made.rule = fmt::format("canary_leak:{}", who);
    made.title = fmt::format("{} made a model tell its system prompt", who);
    made.why = fmt::format("The canary token of the conversation stood in the model's answer on route {}; the answer was {}.", event.route,
                           blocked ? "ended there" : "not ended, for the guard only watches or masks it");
    made.evidence = {event.trace};
    return made;
  }

  std::unordered_map<std::string, WallTime> told_;
};

}  // namespace

std::unique_ptr<Detector> make_canary_leak() { return std::make_unique<CanaryLeak>(); }

}  // namespace bulwark::soc
