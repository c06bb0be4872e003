// The action @name@.
#include "soc/actions/@name@.h"

namespace bulwark::soc {
namespace {

class @Name@ final : public Action {
 public:
  std::string_view name() const override { return "@name@"; }
  Result<ActionDone> run(const ActionRequest& request) override {
    return ActionDone{.summary = "noted " + (request.alert == nullptr ? std::string("nothing") : request.alert->title)};
  }
  Result<void> undo(std::string_view, std::string_view) override { return {}; }
};

}  // namespace

std::unique_ptr<Action> make_@name@() { return std::make_unique<@Name@>(); }

}  // namespace bulwark::soc
