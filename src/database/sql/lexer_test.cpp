// The lexer against PostgreSQL's own scanner, as libpg_query has it: on statements of every kind of token, and on thousands made of pieces
// of them. Both must begin their tokens at the same places, call the same ones literals, and refuse the same texts.
#include "database/sql/lexer.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

extern "C" {
#include "pg_query.h"
}

namespace bulwark::database::sql {
namespace {

// Of libpg_query's Token enumeration (protobuf/pg_query.proto), those that are literals, and comments.
const std::set<std::uint64_t> kStrings = {261, 262, 263, 264};
const std::set<std::uint64_t> kNumbers = {260, 266};
const std::set<std::uint64_t> kComments = {275, 276};

std::uint64_t varint(std::string_view bytes, std::size_t& at) {
  std::uint64_t value = 0;
  for (int shift = 0; at < bytes.size(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes[at++]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

/// What both can say: where a token begins, and 's'tring, 'n'umber, 'c'omment or 'o'ther.
using Seen = std::vector<std::pair<std::size_t, char>>;

/// ScanResult: field 2 is a token, whose fields are 1 start, 2 end, 4 kind.
Seen by_the_server(const PgQueryScanResult& result) {
  const std::string_view bytes(result.pbuf.data, result.pbuf.len);
  Seen seen;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::uint64_t field = varint(bytes, at);
    const std::uint64_t value = varint(bytes, at);
    if (field != (2 << 3 | 2)) continue;
    const std::size_t end = at + value;
    std::uint64_t fields[8] = {};
    while (at < end) {
      const std::uint64_t key = varint(bytes, at);
      fields[key >> 3 & 7] = varint(bytes, at);
    }
    const std::uint64_t kind = fields[4];
    seen.emplace_back(fields[1], kStrings.contains(kind) ? 's' : kNumbers.contains(kind) ? 'n' : kComments.contains(kind) ? 'c' : 'o');
  }
  return seen;
}

Seen by_us(const std::vector<Token>& tokens) {
  Seen seen;
  for (const auto& each : tokens)
    seen.emplace_back(each.begin, each.kind == TokenKind::string    ? 's'
                                  : each.kind == TokenKind::number  ? 'n'
                                  : each.kind == TokenKind::comment ? 'c'
                                                                    : 'o');
  return seen;
}

/// A character that no token begins with is a token of its own for the scanner, and no statement for the grammar.
bool grammar_refuses(const std::string& text) {
  const PgQueryParseResult result = pg_query_parse(text.c_str());
  const bool refuses = result.error != nullptr;
  pg_query_free_parse_result(result);
  return refuses;
}

/// Empty: they agree.
std::string difference(const std::string& text) {
  std::vector<Token> tokens;
  const auto ours = tokenize(text, {}, tokens);
  const PgQueryScanResult theirs = pg_query_scan(text.c_str());
  std::string found;
  if (ours.ok() && theirs.error != nullptr)
    found = std::string("the server refuses: ") + theirs.error->message;
  else if (!ours.ok() && theirs.error == nullptr && !grammar_refuses(text))
    found = "refused here alone: " + to_string(ours.error());
  else if (ours.ok() && by_us(tokens) != by_the_server(theirs))
    found = "other tokens";
  pg_query_free_scan_result(theirs);
  return found;
}

const std::vector<std::string>& pieces() {
  static const std::vector<std::string> all = {
      "select", "a",         "\"b\"", "\"c\"\"d\"", "'e'",         "'f''g'", "E'h\\'i'", "e'\\\\'", "U&'j'",    "U&\"k\"", "u&\"l\"\"m\"",
      "B'01'",  "x'1F'",     "n'o'",  "$$p$$",      "$q$r$q$",     "$1",     "$22",      "1",       "2.5",      ".5",      "6.",
      "1e5",    "1.5E-7",    "..",    "::",         ":=",          "=>",     "=",        "<",       ">",        "<=",      ">=",
      "<>",     "!=",        "+",     "-",          "*",           "/",      "@",        "#",       "%",        "^",       "&",
      "|",      "~",         "`",     "?",          "!",           "->",     "->>",      "-1",      "*-2",      "@-3",     "(",
      ")",      "[",         "]",     ",",          ";",           ":",      ".",        " ",       "\n",       "\t",      "\r",
      "\f",     "--s\n",     "--t",   "/*u*/",      "/*v/*w*/x*/", "/*",     "*/",       "'",       "\"",       "$",       "$y$",
      "\\",     "z\xc3\xa4", "_",     "a$b",        "E",           "U&",     "in",       "null",    "'a'\n'b'", "'a' 'b'", "'a' --c\n 'b'"};
  return all;
}

TEST(Lexer, EveryTokenAsTheServerReadsIt) {
  for (const auto& first : pieces())
    for (const auto& second : pieces()) {
      const std::string text = first + second;
      EXPECT_EQ(difference(text), "") << testing::PrintToString(text);
    }
}

TEST(Lexer, StatementsOfAnyPiecesAsTheServerReadsThem) {
  std::mt19937 random(20'261'123);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t count = 1 + random() % 8; count > 0; --count) text += pieces()[random() % pieces().size()];
    if (random() % 4 == 0 && !text.empty()) text.erase(random() % text.size(), 1);
    ASSERT_EQ(difference(text), "") << testing::PrintToString(text);
  }
}

}  // namespace
}  // namespace bulwark::database::sql
