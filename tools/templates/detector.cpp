// The detector @name@.
#include "soc/detection/@name@.h"

namespace bulwark::soc {
namespace {

class @Name@ final : public Detector {
 public:
  std::string_view name() const override { return "@name@"; }
  void on_event(const events::Event&, AlertSink&) override {}
  void on_tick(WallTime, AlertSink&) override {}
};

}  // namespace

std::unique_ptr<Detector> make_@name@() { return std::make_unique<@Name@>(); }

}  // namespace bulwark::soc
