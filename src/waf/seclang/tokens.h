// Cuts the text of a SecLang file into directives: a name and its arguments, quotes and continuation lines resolved.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "waf/seclang/ast.h"

namespace bulwark::waf::seclang {

struct Token {
  std::string text;
  Position at;
};

/// What a backslash may stand before inside quotes, to be taken away. ModSecurity 2's configuration is read by Apache, which
/// also takes a backslash before a backslash; ModSecurity 3 leaves that one alone.
enum class Escapes : std::uint8_t { quote_only, quote_and_backslash };

/// The name of the directive first, then its arguments.
using Line = std::vector<Token>;

class Tokenizer {
 public:
  static constexpr std::size_t kMaxTokens = 16;
  static constexpr std::size_t kMaxTokenBytes = 1024 * 1024;

  /// `text` must outlive the tokenizer; `file_name` is used in errors.
  Tokenizer(std::string_view text, std::uint32_t file, std::string_view file_name, Escapes escapes);

  /// The next directive; an empty line at the end of the file.
  Result<Line> next();

 private:
  bool at_end() const { return offset_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const { return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0'; }
  void step();
  bool skip_continuation();
  void skip_blank_and_comments();
  Result<Token> quoted(char quote);
  Result<Token> bare();
  Error error_here(std::string_view what) const;

  std::string_view text_;
  std::string_view file_name_;
  Escapes escapes_;
  std::size_t offset_ = 0;
  Position at_;
};

/// "file:line:column: message", origin config.
Error error_at(std::string_view file, Position at, std::string_view message);

}  // namespace bulwark::waf::seclang
