// By tokens, since equal shapes share their facts and only the text has the values.
#include "database/guards/tenant_values.h"

#include <algorithm>
#include <charconv>

#include "database/sql/shape.h"

namespace bulwark::database {

using sql::TokenKind;

TenantValues::TenantValues(std::string_view text, std::span<const sql::Token> tokens) : text_(text) {
  for (const auto& each : tokens)
    if (each.kind != TokenKind::comment) tokens_.push_back(each);
}

TenantValues::Found TenantValues::of(std::string_view column) const {
  Found found;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (is_word(i, column)) compared(i, found);
    if (is_word(i, "insert") && is_word(i + 1, "into")) inserted(i + 2, column, found);
  }
  return found;
}

/// A name as it is when it is read: in lower case, or quoted.
bool TenantValues::is_word(std::size_t i, std::string_view word) const {
  if (i >= tokens_.size()) return false;
  const std::string_view text = in(i);
  if (tokens_[i].kind == TokenKind::quoted_word && text.size() > 2) return text.substr(1, text.size() - 2) == word;
  return tokens_[i].kind == TokenKind::word && std::equal(text.begin(), text.end(), word.begin(), word.end(),
                                                          [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

void TenantValues::compared(std::size_t column, Found& found) const {
  if (in(column + 1) == "=") take(column + 2, found);
  if (is_word(column + 1, "in") && in(column + 2) == "(") take(column + 3, found);
  if (is_word(column + 1, "is") && is_word(column + 2, "not") && is_word(column + 3, "distinct")) take(column + 5, found);
  // Before a qualifier, if there is one: 'x' = o.column. A cast of the value stands between: $1::uuid = column.
  std::size_t at = column;
  while (at >= 2 && in(at - 1) == ".") at -= 2;
  if (at < 2 || in(at - 1) != "=") return;
  at -= 2;
  if (at >= 2 && in(at - 1) == "::") at -= 2;
  take(at, found);
}

/// `at`: the table's name.
void TenantValues::inserted(std::size_t at, std::string_view column, Found& found) const {
  while (at < tokens_.size() && in(at) != "(" && !is_word(at, "values") && !is_word(at, "select")) ++at;
  if (in(at) != "(") return;
  const std::size_t end = closing(at);
  std::size_t place = 0;
  for (++at; at < end && !is_word(at, column); ++at) place += in(at) == "," ? 1 : 0;
  if (at >= end) return;
  at = end + 1;
  while (is_word(at, "overriding") || is_word(at, "system") || is_word(at, "user") || is_word(at, "value")) ++at;
  if (!is_word(at, "values")) return;
  for (++at; in(at) == "("; ++at) {
    const std::size_t close = closing(at);
    std::size_t element = 0;
    for (std::size_t i = at + 1, depth = 0; i < close; ++i) {
      if (in(i) == "(") ++depth;
      if (in(i) == ")") --depth;
      if (in(i) == "," && depth == 0) ++element;
      if (element == place && in(i) != "(") take(i, found);
    }
    at = close + 1;
    if (in(at) != ",") return;
  }
}

void TenantValues::take(std::size_t i, Found& found) const {
  while (in(i) == "(") ++i;
  if (i >= tokens_.size()) return;
  if (tokens_[i].literal()) found.literals.push_back(sql::literal_text(in(i)));
  if (tokens_[i].kind != TokenKind::parameter) return;
  std::uint32_t number = 0;
  const std::string_view digits = in(i).substr(1);
  // A number beyond what the protocol can bind fails in the server.
  if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc()) found.parameters.push_back(number);
}

/// The ")" to the "(" at `open`; the end if there is none.
std::size_t TenantValues::closing(std::size_t open) const {
  std::size_t depth = 0;
  for (std::size_t i = open; i < tokens_.size(); ++i) {
    if (in(i) == "(") ++depth;
    if (in(i) == ")" && --depth == 0) return i;
  }
  return tokens_.size();
}

}  // namespace bulwark::database
