// Parses by need: the lexer runs over every statement, libpg_query only over shapes that were not seen lately.
#include "database/parsed_statement.h"

#include <openssl/evp.h>

#include <algorithm>
#include <functional>
#include <list>
#include <unordered_map>

#include "database/sql/facts.h"
#include "database/sql/shape.h"

namespace bulwark::database {

std::string_view to_string(Command command) {
  static constexpr std::string_view kNames[] = {
      "SELECT", "INSERT",  "UPDATE", "DELETE", "MERGE",  "COPY", "TRANSACTION", "SET",    "SHOW", "PREPARE",     "EXECUTE", "DEALLOCATE",
      "CURSOR", "EXPLAIN", "CALL",   "DO",     "LISTEN", "LOCK", "TRUNCATE",    "DEFINE", "ROLE", "MAINTENANCE", "OTHER"};
  return kNames[static_cast<std::size_t>(command)];
}

/// The least recently used shape goes first. Keys are views into the list's own strings.
struct StatementParser::Memory {
  struct Entry {
    std::string key;
    std::shared_ptr<const ShapeFacts> facts;
    std::size_t literals = 0;  ///< a hash of those that came last
    bool vary = false;
  };
  std::list<Entry> order;
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index;

  Entry* find(std::string_view key) {
    const auto found = index.find(key);
    if (found == index.end()) return nullptr;
    order.splice(order.begin(), order, found->second);
    return &*found->second;
  }

  void keep(std::string key, std::shared_ptr<const ShapeFacts> facts, std::size_t literals) {
    if (key.size() > kMaxRememberedShape) return;
    if (index.size() == kMaxRemembered) {
      index.erase(order.back().key);
      order.pop_back();
    }
    order.push_front({std::move(key), std::move(facts), literals});
    index.emplace(order.front().key, order.begin());
  }
};

namespace {

/// Commands whose facts no literal can change; the others are parsed each time that they hold one.
bool literals_are_data(Command command) {
  switch (command) {
    case Command::select:
    case Command::insert:
    case Command::update:
    case Command::delete_rows:
    case Command::merge:
    case Command::transaction:
    case Command::prepare:
    case Command::execute:
    case Command::cursor:
    case Command::explain:
    case Command::call: return true;
    default: return false;
  }
}

bool holds_literal(std::span<const sql::Token> tokens) {
  for (const auto& each : tokens)
    if (each.literal()) return true;
  return false;
}

/// Of all literals, in their order; 0: there are none.
std::size_t hash_of_literals(std::string_view text, std::span<const sql::Token> tokens) {
  std::size_t hash = 0;
  for (const auto& each : tokens)
    if (each.literal()) hash = hash * 31 + std::hash<std::string_view>()(each.in(text)) + 1;
  return hash;
}

/// The text for libpg_query: without comments, on which its scanner spends quadratic time (500 KB of nested ones: ten minutes).
std::string without_comments(std::string_view text, std::span<const sql::Token> tokens) {
  std::string out(text);
  for (const auto& each : tokens)
    if (each.kind == sql::TokenKind::comment) std::fill(out.begin() + each.begin, out.begin() + each.end, ' ');
  return out;
}

bool is_word(std::string_view token, std::string_view lower_case) {
  return std::equal(token.begin(), token.end(), lower_case.begin(), lower_case.end(), [](char a, char b) { return (a | 0x20) == b; });
}

/// Before the grammar sees it: a level of a query is by far the largest node that it makes of so little text.
Result<void> check_counts(std::string_view text, std::span<const sql::Token> tokens) {
  std::size_t queries = 0;
  std::size_t statements = 0;
  for (const auto& each : tokens) {
    if (each.kind == sql::TokenKind::punctuation && text[each.begin] == ';') ++statements;
    if (each.kind != sql::TokenKind::word || each.end - each.begin < 5 || each.end - each.begin > 6) continue;
    const std::string_view word = each.in(text);
    if (is_word(word, "select") || is_word(word, "values") || is_word(word, "table")) ++queries;
  }
  if (queries > ParsedStatement::kMaxQueries) return client_error(Code::too_large, "statement has more queries in it than are looked at");
  if (statements > ParsedStatement::kMaxStatements) return client_error(Code::too_large, "more statements in one than are looked at");
  return {};
}

void seal(ShapeFacts& facts, std::string_view shape, std::span<const sql::Token> tokens) {
  for (const Command command : facts.commands)
    if (!literals_are_data(command) && holds_literal(tokens)) facts.depends_on_literals = true;
  facts.fingerprint = shape_fingerprint(shape);
}

}  // namespace

std::array<std::uint8_t, 32> shape_fingerprint(std::string_view shape) {
  std::array<std::uint8_t, 32> out{};
  unsigned int size = 0;
  CHECK(EVP_Digest(shape.data(), shape.size(), out.data(), &size, EVP_sha256(), nullptr) == 1);
  return out;
}

StatementParser::StatementParser() : memory_(std::make_unique<Memory>()) {}
StatementParser::~StatementParser() = default;

Result<const ParsedStatement*> StatementParser::parse(std::string_view text, const sql::LexerOptions& options) {
  current_.text_ = text;
  error_position_ = 0;
  current_.shape_.clear();
  TRY(sql::tokenize(text, options, current_.tokens_));
  sql::write_shape(text, current_.tokens_, current_.shape_);

  // The same characters may be other tokens under the other setting: it belongs to the key.
  std::string key = current_.shape_;
  key.push_back(options.standard_conforming_strings ? '\1' : '\2');
  Memory::Entry* const known = memory_->find(key);
  const std::size_t literals = hash_of_literals(text, current_.tokens_);
  if (known != nullptr) known->vary |= std::exchange(known->literals, literals) != literals;
  current_.literals_vary_ = known != nullptr && known->vary;
  current_.facts_ = known == nullptr ? nullptr : known->facts;
  if (current_.facts_ != nullptr && !current_.facts_->depends_on_literals) {
    ++hits_;
    return &current_;
  }
  TRY(check_counts(text, current_.tokens_));
  auto facts = std::make_shared<ShapeFacts>();
  TRY(sql::collect_facts(without_comments(text, current_.tokens_), options, *facts, error_position_));
  seal(*facts, current_.shape_, current_.tokens_);
  current_.facts_ = facts;
  if (known == nullptr) memory_->keep(std::move(key), std::move(facts), literals);
  return &current_;
}

}  // namespace bulwark::database
