// Variables and macros: from names to numbers.
#include <fmt/format.h>

#include "waf/compiler/builder.h"
#include "waf/seclang/arguments.h"
#include "waf/seclang/text.h"

namespace bulwark::waf {

using seclang::Position;
using seclang::VariablePart;

bool Target::selects(std::string_view item_name) const {
  switch (selector) {
    case Selector::name: return same_text(name, item_name);
    case Selector::regex: {
      MatchContext context;
      return regex->match(item_name, context);
    }
    case Selector::none:
    case Selector::xpath: break;
  }
  return true;
}

bool Target::same_as(const Target& other) const {
  return variable == other.variable && selector == other.selector && count == other.count && xpath == other.xpath &&
         same_text(name, other.name);
}

std::uint32_t Builder::tx_slot(std::string_view name) {
  const auto [at, added] = program_->tx_slots.try_emplace(lower(name), static_cast<std::uint32_t>(program_->tx_names.size()));
  if (added) program_->tx_names.emplace_back(name);
  return at->second;
}

Result<Target> Builder::make_target(const VariablePart& part, const Position& at, const DraftRule& draft) {
  Target target;
  const auto variable = variable_from(part.name);
  if (!variable) return fail(at, fmt::format("variable {} is not supported", part.name));
  target.variable = *variable;
  program_->mentioned[static_cast<std::size_t>(*variable)] = true;
  program_->mentioned[static_cast<std::size_t>(list_of(*variable))] = true;
  target.count = part.count;
  target.name = part.selector;
  switch (part.selector_kind) {
    case VariablePart::Selector::none:
      if (*variable == Variable::XML && !part.exclusion) return fail(at, "XML needs an XPath, as in XML:/*");
      break;
    case VariablePart::Selector::name:
      target.selector = Target::Selector::name;
      if (*variable == Variable::TX) target.slot = tx_slot(part.selector);
      break;
    case VariablePart::Selector::regex: {
      target.selector = Target::Selector::regex;
      auto made = make_operator("rx", "(?i)" + part.selector, {});
      if (!made) return fail(at, fmt::format("{}:/.../: {}", part.name, made.error().message));
      target.regex = std::move(*made);
      break;
    }
    case VariablePart::Selector::xpath: {
      target.selector = Target::Selector::xpath;
      std::string key = part.selector;
      std::vector<Argument> namespaces;
      for (const auto& [prefix, uri] : draft.namespaces) {
        namespaces.push_back({prefix, uri});
        key += '\n' + prefix + '=' + uri;
      }
      const auto [known, added] = xpaths_.try_emplace(key, static_cast<std::uint32_t>(program_->xpaths.size()));
      if (added) {
        auto path = XmlPath::compile(part.selector, namespaces);
        if (!path) return fail(at, path.error().message);
        program_->xpaths.push_back(std::move(*path));
      }
      target.xpath = known->second;
      break;
    }
  }
  return target;
}

Result<void> Builder::add_targets(const std::vector<VariablePart>& parts, const Position& at, DraftRule& draft) {
  for (const auto& part : parts) {
    Target target = TRY(make_target(part, at, draft));
    (part.exclusion ? draft.exclude : draft.include).push_back(std::move(target));
  }
  return {};
}

Result<Macro> Builder::make_macro(std::string_view text, const Position& at) {
  Macro macro;
  macro.source = text;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t open = text.find("%{", from);
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    if (open > from) macro.parts.push_back({std::string(text.substr(from, open - from)), false, {}});
    std::string_view inside = text.substr(open + 2, close - open - 2);
    const std::size_t dot = inside.find_first_of(".:");
    VariablePart part;
    for (const char c : inside.substr(0, dot)) part.name.push_back(upper(c));
    if (dot != std::string_view::npos) {
      part.selector = inside.substr(dot + 1);
      part.selector_kind = VariablePart::Selector::name;
    }
    Macro::Part piece;
    if (variable_from(part.name) && part.name != "XML") {
      piece.variable = true;
      piece.target = TRY(make_target(part, at, {}));
      macro.set_constant(false);
    } else {
      piece.text = text.substr(open, close + 1 - open);  // the reference leaves what it does not know as it stands
    }
    macro.parts.push_back(std::move(piece));
    from = close + 1;
  }
  if (from < text.size()) macro.parts.push_back({std::string(text.substr(from)), false, {}});
  return macro;
}

}  // namespace bulwark::waf
