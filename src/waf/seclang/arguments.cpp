// The small grammars inside SecLang's quoted arguments.
#include "waf/seclang/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "waf/seclang/text.h"

namespace bulwark::waf::seclang {
namespace {

bool is_name_char(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

/// Reads the selector that begins at `text[at]`; leaves `at` at the following '|' or the end.
Result<void> read_selector(std::string_view text, std::size_t& at, VariablePart& part, const Token& token, std::string_view file) {
  using Selector = VariablePart::Selector;
  if (part.name == "XML") {
    const std::size_t end = std::min(text.find('|', at), text.size());
    part.selector_kind = Selector::xpath;
    part.selector = text.substr(at, end - at);
    at = end;
    return {};
  }
  const bool quoted = text[at] == '\'';
  if (quoted) ++at;
  if (at < text.size() && text[at] == '/') {
    part.selector_kind = Selector::regex;
    for (++at; at < text.size() && text[at] != '/'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '/')
        ++at;
      else if (text[at] == '\\' && at + 1 < text.size())
        part.selector.push_back(text[at++]);
      part.selector.push_back(text[at]);
    }
    if (at == text.size()) return error_at(file, token.at, fmt::format("the pattern after {}: has no closing '/'", part.name));
    ++at;
  } else {
    part.selector_kind = Selector::name;
    while (at < text.size() && text[at] != (quoted ? '\'' : '|')) part.selector.push_back(text[at++]);
  }
  if (quoted) {
    if (at == text.size() || text[at] != '\'') return error_at(file, token.at, "the quoted selector is not closed");
    ++at;
  }
  if (part.selector.empty()) return error_at(file, token.at, fmt::format("{}: has an empty selector", part.name));
  return {};
}

}  // namespace

Result<std::vector<VariablePart>> parse_variables(const Token& token, std::string_view file) {
  std::vector<VariablePart> parts;
  const std::string_view text = token.text;
  std::size_t at = 0;
  while (true) {
    VariablePart part;
    while (at < text.size() && text[at] == ' ') ++at;
    for (; at < text.size() && (text[at] == '!' || text[at] == '&'); ++at) (text[at] == '!' ? part.exclusion : part.count) = true;
    while (at < text.size() && is_name_char(text[at])) part.name.push_back(upper(text[at++]));
    if (part.name.empty()) return error_at(file, token.at, "expected the name of a variable");
    if (at < text.size() && (text[at] == ':' || text[at] == '.')) {
      if (++at == text.size()) return error_at(file, token.at, fmt::format("{} ends in a colon", part.name));
      if (auto read = read_selector(text, at, part, token, file); !read) return read.error();
    }
    parts.push_back(std::move(part));
    if (parts.size() > kMaxVariables) return error_at(file, token.at, "too many variables");
    while (at < text.size() && text[at] == ' ') ++at;
    if (at == text.size()) return parts;
    if (text[at] != '|' && text[at] != ',')
      return error_at(file, token.at, fmt::format("unexpected '{}' after {}", text[at], parts.back().name));
    ++at;
  }
}

Result<OperatorPart> parse_operator(const Token& token, std::string_view file) {
  OperatorPart part;
  std::string_view text = token.text;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  if (text.starts_with('!')) {
    part.negated = true;
    text.remove_prefix(1);
  }
  if (!text.starts_with('@')) {
    part.name = "rx";
    part.argument = text;
    return part;
  }
  text.remove_prefix(1);
  const std::size_t end = std::min(text.find(' '), text.size());
  part.name = lower(text.substr(0, end));
  if (part.name.empty()) return error_at(file, token.at, "expected the name of an operator after '@'");
  if (end < text.size()) part.argument = text.substr(end + 1);
  return part;
}

Result<std::vector<ActionPart>> parse_actions(const Token& token, std::string_view file) {
  std::vector<ActionPart> actions;
  const std::string_view text = token.text;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ' || text[at] == ',' || text[at] == '\t') {
      ++at;
      continue;
    }
    ActionPart action;
    action.at = token.at;
    while (at < text.size() && text[at] != ':' && text[at] != ',' && text[at] != '=') action.name.push_back(lower(text[at++]));
    while (action.name.ends_with(' ')) action.name.pop_back();
    if (at < text.size() && text[at] != ',') {
      action.has_value = true;
      ++at;
      const bool quoted = at < text.size() && text[at] == '\'';
      if (quoted) ++at;
      bool closed = !quoted;
      for (; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '\'')
          ++at;
        else if (quoted && text[at] == '\'') {
          closed = true;
          ++at;
          break;
        } else if (!quoted && text[at] == ',')
          break;
        action.value.push_back(text[at]);
      }
      if (!closed) return error_at(file, token.at, fmt::format("the value of action {} is not closed", action.name));
      if (!quoted)
        while (action.value.ends_with(' ')) action.value.pop_back();
      while (quoted && at < text.size() && text[at] == ' ') ++at;
      if (quoted && at < text.size() && text[at] != ',')
        return error_at(file, token.at, fmt::format("unexpected text after the value of action {}", action.name));
    }
    if (action.name.empty()) return error_at(file, token.at, "expected the name of an action");
    actions.push_back(std::move(action));
    if (actions.size() > kMaxActions) return error_at(file, token.at, "too many actions");
  }
  return actions;
}

Result<void> parse_ids(const Token& token, std::string_view file, std::vector<RuleSelection::Range>& out) {
  std::string_view text = token.text;
  auto number = [&](std::uint64_t& value) {
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
  };
  while (!text.empty()) {
    if (text.front() == ',' || text.front() == ' ') {
      text.remove_prefix(1);
      continue;
    }
    RuleSelection::Range range;
    bool fine = number(range.first);
    range.last = range.first;
    if (fine && text.starts_with('-')) {
      text.remove_prefix(1);
      fine = number(range.last) && range.first <= range.last;
    }
    if (!fine) return error_at(file, token.at, "expected a rule id or a range of them");
    out.push_back(range);
  }
  return {};
}

}  // namespace bulwark::waf::seclang
