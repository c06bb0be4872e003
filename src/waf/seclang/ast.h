// What a SecLang file says, before anybody asks whether it makes sense: directives with their arguments taken apart and the
// place where each stands. The compiler turns this into a program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "waf/seclang/inputs.h"

namespace bulwark::waf::seclang {

struct Position {
  std::uint32_t file = 0;    ///< index into Document::files
  std::uint32_t line = 0;    ///< from 1
  std::uint32_t column = 0;  ///< from 1
};

/// One part of a variable list: "!REQUEST_COOKIES:/__utm/", "&ARGS", "XML:/*".
struct VariablePart {
  enum class Selector : std::uint8_t { none, name, regex, xpath };
  bool exclusion = false;
  bool count = false;
  std::string name;  ///< upper case
  Selector selector_kind = Selector::none;
  std::string selector;
};

struct OperatorPart {
  bool negated = false;
  std::string name;  ///< lower case, without '@'; "rx" when none was written
  std::string argument;
};

struct ActionPart {
  std::string name;  ///< lower case
  std::string value;
  bool has_value = false;
  Position at;
};

struct Rule {  ///< SecRule; SecAction when `unconditional`
  bool unconditional = false;
  std::vector<VariablePart> variables;
  OperatorPart op;
  std::vector<ActionPart> actions;
};

struct DefaultAction {
  std::vector<ActionPart> actions;
};

struct Marker {
  std::string name;
};

/// Which rules a SecRuleRemove* or SecRuleUpdate* means.
struct RuleSelection {
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  std::vector<Range> ids;
  std::string tag;      ///< a pattern, found anywhere in a tag
  std::string message;  ///< likewise in msg
};

struct RemoveRules {
  RuleSelection selection;
};

struct UpdateTargets {
  RuleSelection selection;
  std::vector<VariablePart> variables;
  std::vector<VariablePart> replaced;  ///< taken out where they stand; empty: nothing is
};

struct UpdateActions {
  std::uint64_t id = 0;
  std::vector<ActionPart> actions;
};

/// A directive of the form "Name value".
struct Setting {
  std::string name;  ///< as in the table of settings.cpp, canonical spelling
  std::string value;
};

struct Directive {
  Position at;
  std::variant<Rule, DefaultAction, Marker, RemoveRules, UpdateTargets, UpdateActions, Setting> what;
};

struct Document {
  std::vector<std::string> files;
  Inputs inputs;
  std::vector<Directive> directives;
};

}  // namespace bulwark::waf::seclang
