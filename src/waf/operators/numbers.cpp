// @eq, @ge, @gt, @le, @lt: both sides as integers; what does not begin with one, or does not fit, counts as 0.
#include <charconv>

#include "waf/operators/factories.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf::operators {
namespace {

/// As std::stoi reads: white space, one sign, digits, then anything; 0 if it fails.
int number(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  if (text.starts_with('+') && text.size() > 1 && is_digit(text[1])) text.remove_prefix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? value : 0;
}

template <class Compare>
class Number final : public Operator {
 public:
  explicit Number(const Request& request)
      : Operator(request.name, request.argument, request.has_macros), bound_(number(request.argument)) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    const int bound = takes_macros() ? number(argument(context)) : bound_;
    if (!Compare{}(number(value), bound)) return false;
    context.matched = value;
    return true;
  }

 private:
  using Operator::argument;
  int bound_;
};

template <class Compare>
Made make(const Request& request) {
  return Made(std::make_unique<const Number<Compare>>(request));
}

}  // namespace

Made eq(const Request& request) { return make<std::equal_to<>>(request); }
Made ge(const Request& request) { return make<std::greater_equal<>>(request); }
Made gt(const Request& request) { return make<std::greater<>>(request); }
Made le(const Request& request) { return make<std::less_equal<>>(request); }
Made lt(const Request& request) { return make<std::less<>>(request); }

}  // namespace bulwark::waf::operators
