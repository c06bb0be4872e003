// Cuts a value into SQL tokens, tolerant of every dialect at once: T-SQL's [names], Oracle's q'(strings)', PostgreSQL's $$strings$$,
// MySQL's `names` and #comments.
#pragma once

#include <string_view>

#include "waf/operators/sqli/token.h"

namespace bulwark::waf::sqli {

/// Where in a statement the value may have landed.
enum class Quoting : char { none = 0, in_single = '\'', in_double = '"' };
/// Whether `#` and `-- ` comments follow MySQL or the standard.
enum class Dialect : char { ansi, mysql };

/// A set of bytes, one table look-up a byte.
class ByteClass {
 public:
  constexpr explicit ByteClass(std::string_view members) {
    for (const char c : members) has_[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }

 private:
  std::array<bool, 256> has_{};
};

class Tokenizer {
 public:
  Tokenizer(std::string_view text, Quoting quoting, Dialect dialect) : text_(text), quoting_(quoting), dialect_(dialect) {}

  /// False at the end, `token` then having no type.
  bool next(Token& token);

  std::size_t tokens() const { return tokens_; }
  /// A `#`, or a `--` without white space behind it, was seen: MySQL reads those differently.
  bool differs_in_mysql() const { return differs_in_mysql_; }

 private:
  std::size_t read(Token& token);
  std::size_t end_of_line(Token& token);
  std::size_t single(Token& token, char type);
  std::size_t dash(Token& token);
  std::size_t slash(Token& token);
  std::size_t backslash(Token& token);
  std::size_t wide_operator(Token& token);
  std::size_t string(Token& token, std::size_t from, char quote, std::size_t prefix);
  std::size_t word(Token& token);
  std::size_t digits_literal(Token& token, const ByteClass& digits);
  std::size_t escape_string(Token& token);
  std::size_t unicode_string(Token& token);
  std::size_t oracle_string(Token& token, std::size_t prefix);
  std::size_t national_string(Token& token);
  std::size_t bracketed(Token& token);
  std::size_t ticked(Token& token, std::size_t from);
  std::size_t variable(Token& token);
  std::size_t money(Token& token);
  std::size_t dollar_string(Token& token);
  std::size_t number(Token& token);

  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  bool has(std::size_t i) const { return i < text_.size(); }
  /// How many bytes from `from` on are in the set, or are not.
  std::size_t span(std::size_t from, const ByteClass& of) const;
  std::size_t span_without(std::size_t from, const ByteClass& stops) const;

  std::string_view text_;
  Quoting quoting_;
  Dialect dialect_;
  std::size_t pos_ = 0;
  std::size_t tokens_ = 0;
  bool differs_in_mysql_ = false;
};

}  // namespace bulwark::waf::sqli
