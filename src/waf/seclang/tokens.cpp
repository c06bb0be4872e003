// Inside quotes a backslash escapes what Escapes says; every other backslash stays (patterns are full of them). A backslash
// before the end of a line joins it with the next.
#include "waf/seclang/tokens.h"

#include <fmt/format.h>

namespace bulwark::waf::seclang {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

}  // namespace

Error error_at(std::string_view file, Position at, std::string_view message) {
  return config_error(fmt::format("{}:{}:{}: {}", file, at.line, at.column, message));
}

Tokenizer::Tokenizer(std::string_view text, std::uint32_t file, std::string_view file_name, Escapes escapes)
    : text_(text), file_name_(file_name), escapes_(escapes), at_{file, 1, 1} {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // a byte order mark says nothing
}

void Tokenizer::step() {
  if (text_[offset_] == '\n') {
    ++at_.line;
    at_.column = 1;
  } else {
    ++at_.column;
  }
  ++offset_;
}

Error Tokenizer::error_here(std::string_view what) const { return error_at(file_name_, at_, what); }

bool Tokenizer::skip_continuation() {
  if (peek() != '\\') return false;
  const std::size_t newline = peek(1) == '\r' ? 2 : 1;
  if (peek(newline) != '\n') return false;
  for (std::size_t i = 0; i <= newline; ++i) step();
  return true;
}

void Tokenizer::skip_blank_and_comments() {
  while (!at_end()) {
    if (peek() == '#') {
      while (!at_end() && peek() != '\n') step();
    } else if (is_blank(peek()) || peek() == '\n') {
      step();
    } else if (!skip_continuation()) {
      return;
    }
  }
}

Result<Line> Tokenizer::next() {
  skip_blank_and_comments();
  Line line;
  while (!at_end()) {
    if (skip_continuation()) continue;
    const char c = peek();
    if (c == '\n') break;
    if (is_blank(c)) {
      step();
      continue;
    }
    if (line.size() == kMaxTokens) return error_here("too many arguments");
    line.push_back(TRY((c == '"' || c == '\'') && !line.empty() ? quoted(c) : bare()));
  }
  return line;
}

Result<Token> Tokenizer::quoted(char quote) {
  Token token;
  token.at = at_;
  step();
  while (true) {
    if (at_end() || peek() == '\n') return error_at(file_name_, token.at, "this quote is never closed");
    if (skip_continuation()) continue;
    if (peek() == '\\' && (peek(1) == quote || (peek(1) == '\\' && escapes_ == Escapes::quote_and_backslash))) {
      step();
    } else if (peek() == quote) {
      step();
      break;
    }
    if (token.text.size() == kMaxTokenBytes) return error_here("argument is longer than 1 MiB");
    token.text.push_back(peek());
    step();
  }
  if (!at_end() && !is_blank(peek()) && peek() != '\n' && peek() != '\\') return error_here("expected a space after the closing quote");
  return token;
}

Result<Token> Tokenizer::bare() {
  Token token;
  token.at = at_;
  // A selector may be quoted inside an otherwise bare variable list: ARGS:'/a b/'|TX.
  char inner = '\0';
  while (!at_end()) {
    const char c = peek();
    if (c == '\n' || skip_continuation()) break;
    if (inner == '\0' && is_blank(c)) break;
    if (c == '\'' && (inner == '\'' || (inner == '\0' && token.text.ends_with(':')))) inner = inner == '\0' ? c : '\0';
    if (token.text.size() == kMaxTokenBytes) return error_here("argument is longer than 1 MiB");
    token.text.push_back(c);
    step();
  }
  if (inner != '\0') return error_at(file_name_, token.at, "this quote is never closed");
  return token;
}

}  // namespace bulwark::waf::seclang
