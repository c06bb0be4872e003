// Actions of rules, one by one. An action that is not known is an error.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "waf/compiler/builder.h"
#include "waf/seclang/arguments.h"
#include "waf/seclang/text.h"

namespace bulwark::waf {
namespace {

using seclang::ActionPart;
using seclang::Position;

constexpr auto kSeverities =
    std::to_array<std::string_view>({"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"});

// About the reference's own logs and files, or about resources that a proxy does not have.
constexpr auto kWithoutEffect = std::to_array<std::string_view>(
    {"auditlog", "noauditlog", "accuracy", "maturity", "rev", "sanitisearg", "sanitisematched", "sanitisematchedbytes",
     "sanitiserequestheader", "sanitiseresponseheader", "sanitizearg", "sanitizematched", "sanitizematchedbytes", "sanitizerequestheader",
     "sanitizeresponseheader", "deprecatevar"});

template <class List>
bool contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

template <class T>
bool to_number(std::string_view text, T& out) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), out);
  return status == std::errc{} && end == text.data() + text.size();
}

std::uint8_t phase_from(std::string_view text) {
  if (text == "request") return 2;
  if (text == "response") return 4;
  if (text == "logging") return 5;
  std::uint8_t phase = 0;
  return to_number(text, phase) && phase >= 1 && phase <= kPhases ? phase : 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<Variable> writable(std::string_view name) {
  std::string upper_name;
  for (const char c : name) upper_name.push_back(upper(c));
  const auto variable = variable_from(upper_name);
  return variable && kind_of(*variable) == VariableKind::C ? variable : std::nullopt;
}

}  // namespace

Result<void> Builder::apply_actions(const std::vector<ActionPart>& actions, const Position& at, DraftRule& draft) {
  (void)at;
  for (const auto& action : actions) TRY(apply_action(action, draft));
  return {};
}

Result<bool> Builder::apply_metadata(const ActionPart& action, DraftRule& draft) {
  Rule& rule = draft.rule;
  const std::string& name = action.name;
  if (name == "id") {
    if (!to_number(action.value, rule.id) || rule.id == 0) return fail(action.at, "id is not a number");
  } else if (name == "phase") {
    rule.phase = phase_from(lower(action.value));
    if (rule.phase == 0) return fail(action.at, fmt::format("phase {} does not exist", action.value));
    draft.phase_given = true;
  } else if (name == "msg") {
    rule.message = TRY(make_macro(action.value, action.at));
  } else if (name == "logdata") {
    rule.log_data = TRY(make_macro(action.value, action.at));
  } else if (name == "tag") {
    rule.tags.push_back(action.value);
  } else if (name == "ver") {
    rule.version = action.value;
  } else if (name == "severity") {
    const auto known = std::find(kSeverities.begin(), kSeverities.end(), lower(action.value));
    if (known != kSeverities.end())
      rule.severity = static_cast<std::uint8_t>(known - kSeverities.begin());
    else if (!to_number(action.value, rule.severity) || rule.severity > 7)
      return fail(action.at, fmt::format("severity {} does not exist", action.value));
  } else if (name == "log" || name == "nolog") {
    rule.log = name == "log";
    draft.log_given = true;
  } else {
    return false;
  }
  return true;
}

Result<bool> Builder::apply_disruptive(const ActionPart& action, Rule& rule) {
  const std::string& name = action.name;
  if (name == "block")
    rule.disruptive = Disruptive::block;
  else if (name == "deny")
    rule.disruptive = Disruptive::deny;
  else if (name == "drop")
    rule.disruptive = Disruptive::drop;
  else if (name == "pass")
    rule.disruptive = Disruptive::pass;
  else if (name == "redirect") {
    rule.disruptive = Disruptive::redirect;
    rule.redirect = TRY(make_macro(action.value, action.at));
  } else if (name == "allow") {
    const std::string scope = lower(action.value);
    if (scope.empty())
      rule.disruptive = Disruptive::allow;
    else if (scope == "phase")
      rule.disruptive = Disruptive::allow_phase;
    else if (scope == "request")
      rule.disruptive = Disruptive::allow_request;
    else
      return fail(action.at, fmt::format("allow:{} does not exist", scope));
  } else {
    return false;
  }
  return true;
}

Result<void> Builder::apply_action(const ActionPart& action, DraftRule& draft) {
  Rule& rule = draft.rule;
  const std::string& name = action.name;
  if (TRY(apply_metadata(action, draft)) || TRY(apply_disruptive(action, rule))) return {};
  if (name == "t") {
    const auto transform = transform_from(action.value);
    if (!transform) return fail(action.at, fmt::format("transformation {} does not exist", action.value));
    if (*transform == Transform::none)
      draft.transforms.clear();
    else if (draft.transforms.size() == kMaxTransforms)
      return fail(action.at, "too many transformations");
    else
      draft.transforms.push_back(*transform);
  } else if (name == "chain") {
    rule.chained = true;
  } else if (name == "capture") {
    rule.capture = true;
  } else if (name == "multimatch") {
    rule.multi_match = true;
  } else if (name == "status") {
    if (!to_number(action.value, rule.status) || rule.status < 100 || rule.status > 599)
      return fail(action.at, "status is not an HTTP status");
    draft.status_given = true;
  } else if (name == "skip") {
    if (!to_number(action.value, rule.skip)) return fail(action.at, "skip needs a number of rules");
  } else if (name == "skipafter") {
    rule.skip_after = action.value;
  } else if (name == "setvar") {
    return add_set(action.value, action.at, rule);
  } else if (name == "expirevar") {
    return add_expire(action.value, action.at, rule);
  } else if (name == "initcol") {
    return add_init(action.value, action.at, rule);
  } else if (name == "setsid" || name == "setuid") {
    Macro& macro = name == "setsid" ? rule.session_id : rule.user_id;
    macro = TRY(make_macro(action.value, action.at));
    rule.init.push_back({name == "setsid" ? Variable::SESSION : Variable::USER, macro});
  } else if (name == "setrsc") {
    rule.init.push_back({Variable::RESOURCE, TRY(make_macro(action.value, action.at))});
  } else if (name == "xmlns") {
    const std::size_t equals = action.value.find('=');
    if (equals == 0 || equals == std::string::npos) return fail(action.at, "xmlns needs prefix=uri");
    draft.namespaces.emplace_back(action.value.substr(0, equals), action.value.substr(equals + 1));
  } else if (name == "setenv") {
    const std::size_t equals = action.value.find('=');
    if (equals == 0 || action.value.empty()) return fail(action.at, "setenv needs name=value");
    const std::string_view text = action.value;
    rule.environment.push_back({TRY(make_macro(text.substr(0, equals), action.at)),
                                TRY(make_macro(equals == std::string::npos ? "" : text.substr(equals + 1), action.at))});
  } else if (name == "ctl") {
    return add_control(action.value, action.at, draft);
  } else if (!contains(kWithoutEffect, name)) {
    return fail(action.at, fmt::format("action {} is not supported", name));
  }
  return {};
}

Result<void> Builder::add_set(std::string_view value, const Position& at, Rule& rule) {
  SetVariable set;
  value = trimmed(value);
  if (value.starts_with('!')) {
    set.operation = SetVariable::Operation::unset;
    value.remove_prefix(1);
  }
  const std::size_t dot = value.find_first_of(".:");
  if (dot == std::string_view::npos) return fail(at, fmt::format("setvar:{} names no collection", value));
  const auto collection = writable(value.substr(0, dot));
  if (!collection) return fail(at, fmt::format("setvar cannot write to {}", value.substr(0, dot)));
  set.collection = *collection;
  std::string_view name = value.substr(dot + 1);
  std::string_view given = "1";
  if (const std::size_t equals = name.find('='); equals != std::string_view::npos) {
    given = name.substr(equals + 1);
    name = name.substr(0, equals);
    if (given.starts_with('+') || given.starts_with('-')) {
      set.operation = given.front() == '+' ? SetVariable::Operation::add : SetVariable::Operation::subtract;
      given.remove_prefix(1);
    }
  }
  if (name.empty()) return fail(at, "setvar names no variable");
  set.name = TRY(make_macro(name, at));
  set.value = TRY(make_macro(given, at));
  if (set.collection == Variable::TX && set.name.constant()) set.slot = tx_slot(name);
  rule.set.push_back(std::move(set));
  return {};
}

Result<void> Builder::add_expire(std::string_view value, const Position& at, Rule& rule) {
  const std::size_t dot = value.find('.');
  const std::size_t equals = value.find('=', dot == std::string_view::npos ? 0 : dot);
  if (dot == std::string_view::npos || equals == std::string_view::npos) return fail(at, "expirevar needs collection.name=seconds");
  const auto collection = writable(value.substr(0, dot));
  if (!collection) return fail(at, fmt::format("expirevar cannot write to {}", value.substr(0, dot)));
  rule.expire.push_back(
      {*collection, TRY(make_macro(value.substr(dot + 1, equals - dot - 1), at)), TRY(make_macro(value.substr(equals + 1), at))});
  return {};
}

Result<void> Builder::add_init(std::string_view value, const Position& at, Rule& rule) {
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos) return fail(at, "initcol needs collection=key");
  const auto collection = writable(value.substr(0, equals));
  if (!collection || *collection == Variable::TX) return fail(at, fmt::format("initcol cannot start {}", value.substr(0, equals)));
  rule.init.push_back({*collection, TRY(make_macro(value.substr(equals + 1), at))});
  return {};
}

Result<void> Builder::add_control(std::string_view value, const Position& at, DraftRule& draft) {
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos) return fail(at, "ctl needs option=value");
  const std::string option = lower(trimmed(value.substr(0, equals)));
  std::string_view given = trimmed(value.substr(equals + 1));
  Control control;
  control.value = given;
  using Kind = Control::Kind;
  constexpr auto kNoEffect =
      std::to_array<std::string_view>({"auditengine", "auditlogparts", "debugloglevel", "hashengine", "hashenforcement"});

  if (option == "ruleengine")
    control.kind = Kind::rule_engine;
  else if (option == "requestbodyprocessor")
    control.kind = Kind::body_processor;
  else if (option == "forcerequestbodyvariable")
    control.kind = Kind::force_body;
  else if (option == "requestbodyaccess")
    control.kind = Kind::request_body_access;
  else if (option == "responsebodyaccess")
    control.kind = Kind::response_body_access;
  else if (option == "parsexmlintoargs") {
    control.kind = Kind::xml_arguments;
    control.xml = TRY(xml_arguments(given, at));
  } else if (contains(kNoEffect, option))
    control.kind = Kind::no_effect;
  else if (option.starts_with("ruleremove")) {
    const bool target = option.starts_with("ruleremovetarget");
    const std::string by = option.substr(target ? 16 : 10);
    const std::size_t semicolon = given.find(';');
    if (target && semicolon == std::string_view::npos) return fail(at, fmt::format("ctl:{} needs rules;variable", option));
    const std::string_view rules = target ? given.substr(0, semicolon) : given;
    control.kind = target ? Kind::remove_targets : Kind::remove_rules;
    seclang::RuleSelection selection;
    const std::string& file = document_.files[at.file];
    if (by == "byid")
      TRY(seclang::parse_ids({std::string(rules), at}, file, selection.ids));
    else if (by == "bytag")
      selection.tag = rules;
    else if (by == "bymsg")
      selection.message = rules;
    else
      return fail(at, fmt::format("ctl:{} does not exist", option));
    if (target) {
      const auto parts = TRY(seclang::parse_variables({std::string(given.substr(semicolon + 1)), at}, file));
      seclang::VariablePart part = parts.front();
      part.exclusion = true;
      control.target = TRY(make_target(part, at, draft));
    }
    draft.selections.emplace_back(draft.rule.controls.size(), std::move(selection));
  } else {
    return fail(at, fmt::format("ctl:{} is not supported", option));
  }
  draft.rule.controls.push_back(std::move(control));
  return {};
}

}  // namespace bulwark::waf
