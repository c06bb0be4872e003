// Takes apart the arguments of directives: variable lists, operators, action lists, id ranges.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "waf/seclang/ast.h"
#include "waf/seclang/tokens.h"

namespace bulwark::waf::seclang {

constexpr std::size_t kMaxVariables = 256;  ///< of one rule
constexpr std::size_t kMaxActions = 512;    ///< of one rule

Result<std::vector<VariablePart>> parse_variables(const Token& token, std::string_view file);
Result<OperatorPart> parse_operator(const Token& token, std::string_view file);
Result<std::vector<ActionPart>> parse_actions(const Token& token, std::string_view file);
/// "942100 942110-942120,1": appended to `out`.
Result<void> parse_ids(const Token& token, std::string_view file, std::vector<RuleSelection::Range>& out);

}  // namespace bulwark::waf::seclang
