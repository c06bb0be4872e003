// Hostile statements: the lexer, the shape and the walk over libpg_query's tree.
#include <cstddef>
#include <cstdint>
#include <string>

#include "database/guards/taint_match.h"
#include "database/parsed_statement.h"
#include "database/sql/shape.h"

using namespace bulwark::database;

namespace {

/// Equal shapes must mean equal structure: writing a statement's shape in place of it changes nothing but literals.
void check_tokens(std::string_view text, const std::vector<sql::Token>& tokens) {
  std::uint32_t last = 0;
  for (const auto& each : tokens) {
    if (each.begin < last || each.end <= each.begin || each.end > text.size()) __builtin_trap();
    last = each.end;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static thread_local StatementParser parser;
  const sql::LexerOptions options{(data[0] & 1) != 0};
  const std::size_t split = data[1] % size;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<sql::Token> tokens;
  const auto lexed = sql::tokenize(text, options, tokens);
  if (lexed.ok()) {
    check_tokens(text, tokens);
    taint::Matcher matcher(text, tokens);
    (void)matcher.changes_structure(std::string_view(text).substr(0, split));
    (void)matcher.changes_structure(std::string_view(text).substr(split));
  }
  const auto parsed = parser.parse(text, options);
  if (parsed.ok() && !lexed.ok()) __builtin_trap();
  return 0;
}
