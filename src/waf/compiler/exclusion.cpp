// Exclusions of our configuration, resolved against a compiled program as ctl:ruleRemove* is.
#include <fmt/format.h>

#include "waf/compiler/compiler.h"
#include "waf/seclang/arguments.h"

namespace bulwark::waf {
namespace {

Result<bool> selects(const Rule& rule, const std::vector<seclang::RuleSelection::Range>& ids, const Operator* tag) {
  for (const auto& range : ids)
    if (rule.id >= range.first && rule.id <= range.last) return true;
  if (tag != nullptr)
    for (const auto& each : rule.tags) {
      MatchContext context;
      if (tag->match(each, context)) return true;
    }
  return false;
}

Result<Target> field_target(const std::string& field) {
  auto parts = seclang::parse_variables({field, {}}, "exclusion");
  if (!parts || parts->size() != 1 || (*parts)[0].exclusion || (*parts)[0].count)
    return config_error(fmt::format("exclusion field '{}' is not a variable like ARGS:comment", field));
  const seclang::VariablePart& part = (*parts)[0];
  const auto variable = variable_from(part.name);
  if (!variable) return config_error(fmt::format("exclusion field '{}': there is no variable {}", field, part.name));
  Target target;
  target.variable = *variable;
  target.name = part.selector;
  if (part.selector_kind == seclang::VariablePart::Selector::name) target.selector = Target::Selector::name;
  if (part.selector_kind == seclang::VariablePart::Selector::regex) {
    target.selector = Target::Selector::regex;
    target.regex = TRY(make_operator("rx", "(?i)" + part.selector, {}));
  }
  return target;
}

}  // namespace

Result<Control> make_exclusion(const Program& program, const std::string& rules, const std::string& field) {
  Control control;
  control.kind = field.empty() ? Control::Kind::remove_rules : Control::Kind::remove_targets;
  if (!field.empty()) control.target = TRY(field_target(field));
  std::vector<seclang::RuleSelection::Range> ids;
  std::unique_ptr<const Operator> tag;
  if (rules.starts_with("tag:"))
    tag = TRY(make_operator("rx", rules.substr(4), {}));
  else if (!seclang::parse_ids({rules, {}}, "exclusion", ids))
    return config_error(fmt::format("exclusion rule '{}' is neither an id, a range, nor tag:<pattern>", rules));
  control.rules.assign((program.rules.size() + 63) / 64, 0);
  bool any = false;
  for (std::size_t i = 0; i < program.rules.size(); ++i) {
    if (!TRY(selects(program.rules[i], ids, tag.get()))) continue;
    // A chain is one rule: what is excluded at its head is excluded in all of it.
    std::size_t link = i;
    do control.rules[link / 64] |= 1ULL << (link % 64);
    while (program.rules[link].chained && ++link < program.rules.size());
    any = true;
  }
  if (!any) return config_error(fmt::format("exclusion rule '{}' names no rule of the rule set", rules));
  return control;
}

}  // namespace bulwark::waf
