// PostgreSQL's lexical rules (https://www.postgresql.org/docs/15/sql-syntax-lexical.html) in one linear pass: where each literal,
// word, operator and comment of a statement begins and ends. Fast enough for every statement; checked against libpg_query's scanner.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::database::sql {

enum class TokenKind : std::uint8_t {
  string,  ///< 'x', E'x', U&'x', B'1', X'f', $$x$$: with prefix, quotes and continuations
  number,
  parameter,    ///< $1
  word,         ///< identifier or keyword
  quoted_word,  ///< "x", U&"x"
  op,           ///< operators, and the special :: := => ..
  punctuation,  ///< one of , ( ) [ ] ; : .
  comment,
};

struct Token {
  std::uint32_t begin = 0;  ///< byte offsets into the text
  std::uint32_t end = 0;
  TokenKind kind = TokenKind::word;

  std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
  bool literal() const { return kind == TokenKind::string || kind == TokenKind::number; }
};

/// The session settings that change how text is read.
struct LexerOptions {
  bool standard_conforming_strings = true;
};

inline constexpr std::size_t kMaxStatementBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kMaxTokens = 200'000;

/// Fills `tokens` (cleared first). Errors: client/invalid for what the server's scanner would refuse too (an unterminated string,
/// a zero byte, junk after a number); client/too_large beyond the limits.
Result<void> tokenize(std::string_view text, const LexerOptions& options, std::vector<Token>& tokens);

}  // namespace bulwark::database::sql
