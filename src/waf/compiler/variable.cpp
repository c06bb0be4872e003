// One table behind names and kinds.
#include "waf/compiler/variable.h"

#include <array>

namespace bulwark::waf {
namespace {

struct Entry {
  std::string_view name;
  VariableKind kind;
};

constexpr std::array<Entry, kVariableCount> kTable{{
#define X(name, kind) {#name, VariableKind::kind},
    BULWARK_WAF_VARIABLES(X)
#undef X
}};

}  // namespace

std::optional<Variable> variable_from(std::string_view name) {
  for (std::size_t i = 0; i < kTable.size(); ++i)
    if (kTable[i].name == name) return static_cast<Variable>(i);
  return std::nullopt;
}

std::string_view to_string(Variable variable) { return kTable[static_cast<std::size_t>(variable)].name; }
VariableKind kind_of(Variable variable) { return kTable[static_cast<std::size_t>(variable)].kind; }

Variable list_of(Variable variable) {
  switch (variable) {
    case Variable::ARGS_NAMES: return Variable::ARGS;
    case Variable::ARGS_GET_NAMES: return Variable::ARGS_GET;
    case Variable::ARGS_POST_NAMES: return Variable::ARGS_POST;
    case Variable::REQUEST_COOKIES_NAMES: return Variable::REQUEST_COOKIES;
    case Variable::REQUEST_HEADERS_NAMES: return Variable::REQUEST_HEADERS;
    case Variable::RESPONSE_HEADERS_NAMES: return Variable::RESPONSE_HEADERS;
    default: return variable;
  }
}

}  // namespace bulwark::waf
