// Writes shapes. Strict on purpose: two statements whose trees differ anywhere but in the value of a literal, the length of a list
// of literals or a comment have different shapes.
#include "database/sql/shape.h"

#include <cstdint>
#include <vector>

namespace bulwark::database::sql {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

class ShapeWriter {
 public:
  ShapeWriter(std::string_view text, std::span<const Token> tokens, std::string& out) : text_(text), tokens_(tokens), out_(out) {}

  void run() {
    out_.reserve(out_.size() + text_.size());
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].kind == TokenKind::comment) continue;
      write(tokens_[i]);
      if (is(i, '(') && i > 0 && is_word(i - 1, "in")) i = draw_list_together(i);
      if (is_word(i, "values")) i = draw_rows_together(i);
    }
  }

 private:
  bool is(std::size_t i, char c) const {
    return i < tokens_.size() && tokens_[i].kind == TokenKind::punctuation && text_[tokens_[i].begin] == c;
  }

  bool is_word(std::size_t i, std::string_view word) const {
    const Token& token = tokens_[i];
    if (token.kind != TokenKind::word || token.end - token.begin != word.size()) return false;
    for (std::size_t k = 0; k < word.size(); ++k)
      if (lower(text_[token.begin + k]) != word[k]) return false;
    return true;
  }

  void write(const Token& token) {
    const std::string_view piece = token.in(text_);
    const bool tight = token.kind == TokenKind::punctuation && piece != "(" && piece != "[" && piece != ":";
    if (!out_.empty() && !tight && !no_space_after_) out_.push_back(' ');
    no_space_after_ = piece == "(" || piece == "." || piece == "[";
    switch (token.kind) {
      case TokenKind::string: out_.append("'?'"); break;
      case TokenKind::number: out_.push_back('?'); break;
      case TokenKind::word:
        for (const char c : piece) out_.push_back(lower(c));
        break;
      default: out_.append(piece);
    }
  }

  bool element(std::size_t i) const { return tokens_[i].literal() || tokens_[i].kind == TokenKind::parameter; }

  /// After "in (": when only literals, or only parameters, and commas follow until ")", writes the first and "...".
  /// Returns the index of the last token dealt with.
  std::size_t draw_list_together(std::size_t open) {
    const std::size_t first = open + 1;
    if (first >= tokens_.size() || !element(first)) return open;
    std::size_t i = first;
    while (is(i + 1, ',') && i + 2 < tokens_.size() && tokens_[i + 2].kind == tokens_[first].kind) i += 2;
    if (i == first || !is(i + 1, ')')) return open;
    write(tokens_[first]);
    out_.append(", ...");
    return i;
  }

  /// The index of the ")" that closes the "(" at `open`; the number of tokens if none does. All are found at once: one VALUES may
  /// stand in another, ten thousand deep.
  std::size_t closing(std::size_t open) {
    if (closing_.empty()) {
      closing_.assign(tokens_.size(), static_cast<std::uint32_t>(tokens_.size()));
      std::vector<std::uint32_t> unclosed;
      for (std::size_t i = open; i < tokens_.size(); ++i) {
        if (is(i, '(')) unclosed.push_back(static_cast<std::uint32_t>(i));
        if (!is(i, ')') || unclosed.empty()) continue;
        closing_[unclosed.back()] = static_cast<std::uint32_t>(i);
        unclosed.pop_back();
      }
    }
    return closing_[open];
  }

  bool same_shape(std::size_t left, std::size_t right, std::size_t count) const {
    for (std::size_t k = 0; k < count; ++k) {
      const Token& a = tokens_[left + k];
      const Token& b = tokens_[right + k];
      if (a.kind != b.kind) return false;
      if (!a.literal() && a.kind != TokenKind::parameter && a.in(text_) != b.in(text_)) return false;
    }
    return true;
  }

  /// After "values": the first row is written, further rows of the same shape become one "...".
  std::size_t draw_rows_together(std::size_t values) {
    const std::size_t open = values + 1;
    if (!is(open, '(')) return values;
    const std::size_t close = closing(open);
    if (close == tokens_.size()) return values;
    const std::size_t width = close + 1 - open;
    std::size_t last = close;
    while (is(last + 1, ',') && last + 1 + width < tokens_.size() && same_shape(open, last + 2, width)) last += 1 + width;
    if (last == close) return values;
    for (std::size_t i = open; i <= close; ++i)
      if (tokens_[i].kind != TokenKind::comment) write(tokens_[i]);
    out_.append(", ...");
    return last;
  }

  std::string_view text_;
  std::span<const Token> tokens_;
  std::string& out_;
  std::vector<std::uint32_t> closing_;  ///< of each "(" from the first VALUES on
  bool no_space_after_ = true;
};

}  // namespace

void write_shape(std::string_view text, std::span<const Token> tokens, std::string& out) { ShapeWriter(text, tokens, out).run(); }

std::string literal_text(std::string_view token) {
  if (token.size() < 2 || token.front() != '\'' || token.back() != '\'') return std::string(token);
  std::string value;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    value.push_back(token[i]);
    if (token[i] == '\'') ++i;
  }
  return value;
}

}  // namespace bulwark::database::sql
