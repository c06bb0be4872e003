// Operators that do not look at the value: @unconditionalMatch and @noMatch.
#include "waf/operators/factories.h"

namespace bulwark::waf::operators {
namespace {

class Constant final : public Operator {
 public:
  Constant(const Request& request, bool answer) : Operator(request.name, request.argument, false), answer_(answer) {}
  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    if (answer_) context.matched = value;
    return answer_;
  }

 private:
  bool answer_;
};

}  // namespace

Made unconditional_match(const Request& request) { return Made(std::make_unique<const Constant>(request, true)); }
Made no_match(const Request& request) { return Made(std::make_unique<const Constant>(request, false)); }

}  // namespace bulwark::waf::operators
