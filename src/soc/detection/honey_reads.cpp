// The database plane found the row and says in its event who read it; the alert is about the request's source where that is known, else
// about the role.
#include "soc/detection/honey_reads.h"

#include "wire/json/reader.h"

namespace bulwark::soc {
namespace {

constexpr std::string_view kRule = "database.honey_rows";
constexpr json::ReadLimits kLimits{.max_bytes = events::Event::kMaxDetail, .max_depth = 8, .max_values = 1'000};

/// The address that the request came from; empty: it belongs to no request, or to one of several.
std::string request_source(const events::Event& event) {
  const auto detail = json::Document::parse(event.detail, kLimits);
  if (!detail.ok()) return {};
  const auto address = IpAddress::parse(detail->root().text("request_source"));
  return address.ok() ? address->text() : std::string();
}

class HoneyReads final : public Detector {
 public:
  std::string_view name() const override { return "honey_reads"; }

  void on_event(const events::Event& event, AlertSink& sink) override {
    if (event.rule != kRule || event.plane != events::Plane::database) return;
    Alert alert;
    alert.id = Id<16>::random();
    alert.time = event.time;
    alert.detector = name();
    const std::string source = request_source(event);
    alert.subject = source.empty() ? control::Subject::database_role : control::Subject::ip;
    alert.subject_value = source.empty() ? std::string(event.user) : source;
    alert.rule = std::string(name()) + ":" + alert.subject_value;
    alert.severity = events::Severity::critical;
    alert.title = event.message;
    alert.why = "No honest use reads this row: it was put there to be found by whoever sweeps the table. The statement was: " +
                std::string(event.target) +
                (event.disposition == events::Disposition::blocked ? " Its result was withheld." : " Its result was delivered.");
    if (!event.trace.empty()) alert.evidence.push_back(event.trace);
    sink.raise(std::move(alert));
  }

  void on_tick(WallTime, AlertSink&) override {}
};

}  // namespace

std::unique_ptr<Detector> make_honey_reads() { return std::make_unique<HoneyReads>(); }

}  // namespace bulwark::soc
