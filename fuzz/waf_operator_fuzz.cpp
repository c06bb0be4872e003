// Operators on hostile values, and hostile arguments: the first byte chooses the operator, what follows up to a NUL is the argument if
// the operator has no fixed one. Whatever a match leaves behind must lie within the value or the context.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "waf/operators/operator.h"

using namespace bulwark::waf;

namespace {

struct Fixed {
  const char* name;
  const char* argument;  ///< null: from the input
};
constexpr Fixed kOperators[] = {
    {"detectSQLi", ""},
    {"detectXSS", ""},
    {"rx", "(?i)(a+)+b|(x)?y\\s*=\\s*['\"]([^'\"]*)"},
    {"rxGlobal", "(\\w)(\\d*)"},
    {"pm", "abc bcd select union |00|x"},
    {"verifyCC", "\\d{4,16}"},
    {"verifySSN", "\\d+"},
    {"verifyCPF", "[\\d.-]+"},
    {"verifySVNR", "\\d+"},
    {"validateUrlEncoding", ""},
    {"validateUtf8Encoding", ""},
    {"validateByteRange", "32-126"},
    {"ipMatch", "10.0.0.0/8,2001:db8::/32"},
    {"containsWord", "ab"},
    {"eq", "7"},
    {"ge", "-9"},
    {"within", "GET POST"},
    {"rx", nullptr},
    {"pm", nullptr},
    {"ipMatch", nullptr},
    {"validateByteRange", nullptr},
    {"contains", nullptr},
    {"verifyCC", nullptr},
};

bool lies_within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static std::array<std::unique_ptr<const Operator>, std::size(kOperators)> made;
  if (size == 0) return 0;
  const std::size_t which = data[0] % std::size(kOperators);
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::unique_ptr<const Operator> own;
  const Operator* op = made[which].get();
  if (kOperators[which].argument == nullptr) {
    const std::string_view argument = rest.substr(0, rest.find('\0'));
    if (argument.size() > 200) return 0;
    auto result = make_operator(kOperators[which].name, argument, {});
    if (!result.ok()) return 0;
    own = std::move(*result);
    op = own.get();
    rest.remove_prefix(std::min(argument.size() + 1, rest.size()));
  } else if (op == nullptr) {
    auto result = make_operator(kOperators[which].name, kOperators[which].argument, {});
    if (!result.ok()) std::abort();
    made[which] = std::move(*result);
    op = made[which].get();
  }
  const std::string value(rest);
  MatchContext context;
  context.want_captures = true;
  context.match_limit = 10'000;
  context.argument = "a%{b}";
  const bool matched = op->match(value, context);
  if (matched && context.budget_exhausted) std::abort();
  if (matched && !lies_within(context.matched, value)) std::abort();
  for (std::size_t i = 0; matched && i < kMaxCaptures; ++i) {
    if ((context.captured >> i & 1) == 0) continue;
    if (!lies_within(context.captures[i], value) && !lies_within(context.captures[i], {context.text.data(), context.text.size()}))
      std::abort();
  }
  return 0;
}
