// @eq, @ge, @gt, @le, @lt: both sides as integers; what does not begin with one counts as 0.
#include <charconv>
#include <limits>

#include "waf/operators/factories.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf::operators {
namespace {

/// White space, one sign, digits, then anything. @eq reads 32 bits and takes what does not fit for 0; the others read 64 bits and
/// stop at their ends. So does the reference.
template <class Integer>
Integer number(std::string_view text) {
  if (text.size() == 1 && is_digit(text[0])) return text[0] - '0';  // most of them
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  if (text.starts_with('+') && text.size() > 1 && is_digit(text[1])) text.remove_prefix(1);
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range && sizeof(Integer) == sizeof(std::int64_t)) {
    return text.starts_with('-') ? std::numeric_limits<Integer>::min() : std::numeric_limits<Integer>::max();
  }
  return error == std::errc() ? value : 0;
}

template <class Compare, class Integer>
class Number final : public Operator {
 public:
  explicit Number(const Request& request)
      : Operator(request.name, request.argument, request.has_macros), bound_(number<Integer>(request.argument)) {}

  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    const Integer bound = takes_macros() ? number<Integer>(argument(context)) : bound_;
    if (!Compare{}(number<Integer>(value), bound)) return false;
    context.matched = value;
    return true;
  }

 private:
  using Operator::argument;
  Integer bound_;
};

template <class Compare, class Integer = std::int64_t>
Made make(const Request& request) {
  return Made(std::make_unique<const Number<Compare, Integer>>(request));
}

}  // namespace

Made eq(const Request& request) { return make<std::equal_to<>, std::int32_t>(request); }
Made ge(const Request& request) { return make<std::greater_equal<>>(request); }
Made gt(const Request& request) { return make<std::greater<>>(request); }
Made le(const Request& request) { return make<std::less_equal<>>(request); }
Made lt(const Request& request) { return make<std::less<>>(request); }

}  // namespace bulwark::waf::operators
