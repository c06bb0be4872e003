// The probe @name@.
#include "noc/probes/@name@.h"

namespace bulwark::noc {
namespace {

class @Name@ final : public Probe {
 public:
  std::string_view name() const override { return "@name@"; }
  std::chrono::milliseconds interval() const override { return std::chrono::seconds(10); }
  Result<Observation> observe(std::chrono::milliseconds) override {
    return Observation{.health = Health::up, .message = "nothing to look at yet"};
  }
};

}  // namespace

std::unique_ptr<Probe> make_@name@() { return std::make_unique<@Name@>(); }

}  // namespace bulwark::noc
