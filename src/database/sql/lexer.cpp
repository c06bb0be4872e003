// One pass over the text, a branch for each first character; follows the rules of the server's scan.l.
#include "database/sql/lexer.h"

namespace bulwark::database::sql {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_tag_char(char c) { return is_word_start(c) || is_digit(c); }
bool is_word_char(char c) { return is_tag_char(c) || c == '$'; }
bool is_operator_char(char c) { return c != '\0' && std::string_view("~!@#^&|`?+-*/%<>=").find(c) != std::string_view::npos; }
bool is_quote_prefix(char c) { return c != '\0' && std::string_view("eEbBxX").find(c) != std::string_view::npos; }

class Lexer {
 public:
  Lexer(std::string_view text, const LexerOptions& options, std::vector<Token>& tokens) : text_(text), options_(options), tokens_(tokens) {}

  Result<void> run() {
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) {
        ++at_;
        continue;
      }
      if (tokens_.size() == kMaxTokens) return client_error(Code::too_large, "statement has more tokens than are looked at");
      begin_ = at_;
      TRY(next());
    }
    return {};
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  Result<void> emit(TokenKind kind) {
    tokens_.push_back({static_cast<std::uint32_t>(begin_), static_cast<std::uint32_t>(at_), kind});
    return {};
  }

  Result<void> next() {
    const char c = peek();
    const char following = peek(1);
    if (c == '\0') return client_error(Code::invalid, "zero byte in statement");
    if (c == '\'') return quoted_string(!options_.standard_conforming_strings, 1);
    if (c == '"') return quoted_word(1);
    if (following == '\'' && is_quote_prefix(c)) return quoted_string(c == 'e' || c == 'E', 2, c == 'e' || c == 'E');
    if ((c == 'u' || c == 'U') && following == '&') {
      if (peek(2) == '\'') return unicode_string();
      if (peek(2) == '"') return quoted_word(3);
    }
    if (is_word_start(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(following))) return number();
    if (c == '$') return dollar();
    if (c == '-' && following == '-') return line_comment();
    if (c == '/' && following == '*') return block_comment();
    return symbol();
  }

  Result<void> word() {
    while (at_ < text_.size() && is_word_char(text_[at_])) ++at_;
    return emit(TokenKind::word);
  }

  Result<void> unicode_string() {
    // The server refuses U&'' while standard_conforming_strings is off: its meaning would be unclear.
    if (!options_.standard_conforming_strings) return client_error(Code::invalid, "unsafe use of a string with Unicode escapes");
    return quoted_string(false, 3);
  }

  /// `doubled`: two quotes stand for one; not so in B'…' and X'…', where a second one begins the next string.
  Result<void> quoted_string(bool backslashes, std::size_t prefix, bool doubled = true) {
    at_ += prefix;
    for (;;) {
      if (!skip_quoted('\'', backslashes, doubled)) return client_error(Code::invalid, "unterminated quoted string");
      const std::size_t resumed = continuation();
      if (resumed == 0) return emit(TokenKind::string);
      at_ = resumed;
    }
  }

  Result<void> quoted_word(std::size_t prefix) {
    at_ += prefix;
    const std::size_t inside = at_;
    if (!skip_quoted('"', false, true)) return client_error(Code::invalid, "unterminated quoted identifier");
    if (at_ - inside < 2) return client_error(Code::invalid, "zero-length quoted identifier");
    return emit(TokenKind::quoted_word);
  }

  /// Moves past the closing quote.
  bool skip_quoted(char quote, bool backslashes, bool doubled) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '\0') return false;
      if (c == '\\' && backslashes) {
        at_ += 2;
      } else if (c != quote) {
        ++at_;
      } else if (doubled && peek(1) == quote) {
        at_ += 2;
      } else {
        ++at_;
        return true;
      }
    }
    return false;
  }

  /// 'a' <newline> 'b' is one string: where its next part begins, or 0.
  std::size_t continuation() const {
    bool newline = false;
    std::size_t look = at_;
    while (look < text_.size()) {
      const char c = text_[look];
      if (c == '\'') return newline ? look + 1 : 0;
      if (c == '-' && newline && look + 1 < text_.size() && text_[look + 1] == '-') {
        while (look < text_.size() && text_[look] != '\n' && text_[look] != '\r') ++look;
      } else if (is_space(c)) {
        newline |= c == '\n' || c == '\r';
        ++look;
      } else {
        return 0;
      }
    }
    return 0;
  }

  Result<void> dollar() {
    if (is_digit(peek(1))) {
      ++at_;
      while (is_digit(peek())) ++at_;
      if (is_word_start(peek())) return client_error(Code::invalid, "trailing junk after parameter");
      return emit(TokenKind::parameter);
    }
    std::size_t tag_end = at_ + 1;
    if (tag_end < text_.size() && is_word_start(text_[tag_end]))
      while (tag_end < text_.size() && is_tag_char(text_[tag_end])) ++tag_end;
    if (tag_end >= text_.size() || text_[tag_end] != '$') return client_error(Code::invalid, "a lone $");
    const std::string_view tag = text_.substr(at_, tag_end + 1 - at_);
    const std::size_t closing = text_.find(tag, tag_end + 1);
    if (closing == std::string_view::npos) return client_error(Code::invalid, "unterminated dollar-quoted string");
    if (text_.substr(tag_end, closing - tag_end).find('\0') != std::string_view::npos)
      return client_error(Code::invalid, "zero byte in statement");
    at_ = closing + tag.size();
    return emit(TokenKind::string);
  }

  Result<void> number() {
    while (is_digit(peek())) ++at_;
    if (peek() == '.' && peek(1) != '.') {
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (!is_digit(peek(1 + sign))) return client_error(Code::invalid, "trailing junk after numeric literal");
      at_ += 1 + sign;
      while (is_digit(peek())) ++at_;
    }
    if (is_word_start(peek())) return client_error(Code::invalid, "trailing junk after numeric literal");
    return emit(TokenKind::number);
  }

  Result<void> line_comment() {
    while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') ++at_;
    return emit(TokenKind::comment);
  }

  Result<void> block_comment() {
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        at_ += 2;
        if (--depth == 0) return emit(TokenKind::comment);
      } else {
        ++at_;
      }
    }
    return client_error(Code::invalid, "unterminated comment");
  }

  Result<void> symbol() {
    const char c = peek();
    if ((c == ':' && (peek(1) == ':' || peek(1) == '=')) || (c == '.' && peek(1) == '.')) {
      at_ += 2;
      return emit(TokenKind::op);
    }
    if (std::string_view(",()[];:.").find(c) != std::string_view::npos) {
      ++at_;
      return emit(TokenKind::punctuation);
    }
    if (!is_operator_char(c)) return client_error(Code::invalid, "a character that no statement may hold");
    std::size_t end = at_;
    while (end < text_.size() && is_operator_char(text_[end]) && !starts_comment(end)) ++end;
    at_ = trim_sign(at_, end);
    return emit(TokenKind::op);
  }

  bool starts_comment(std::size_t where) const {
    const std::string_view two = text_.substr(where, 2);
    return two == "--" || two == "/*";
  }

  /// "a=-1" is = and -: a multi-character operator ends in + or - only if it holds one of the characters below.
  std::size_t trim_sign(std::size_t begin, std::size_t end) const {
    if (text_.substr(begin, end - begin).find_first_of("~!@#^&|`?%") != std::string_view::npos) return end;
    while (end - begin > 1 && (text_[end - 1] == '+' || text_[end - 1] == '-')) --end;
    return end;
  }

  std::string_view text_;
  const LexerOptions& options_;
  std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
};

}  // namespace

Result<void> tokenize(std::string_view text, const LexerOptions& options, std::vector<Token>& tokens) {
  tokens.clear();
  if (text.size() > kMaxStatementBytes) return client_error(Code::too_large, "statement longer than is looked at");
  return Lexer(text, options, tokens).run();
}

}  // namespace bulwark::database::sql
