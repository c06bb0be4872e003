// A statement as guards see it: its tokens with their places in the text, and the facts of its shape: what it does, to which
// relations, with which functions. Facts depend on the shape alone, so statements that differ only in literals share them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "database/sql/lexer.h"

namespace bulwark::database {

enum class Command : std::uint8_t {
  select,
  insert,
  update,
  delete_rows,
  merge,
  copy,
  transaction,
  set,
  show,
  prepare,
  execute,
  deallocate,
  cursor,
  explain,
  call,
  do_block,
  listen,
  lock,
  truncate,
  define,
  role,
  maintenance,
  other,
};
std::string_view to_string(Command command);

/// Bits of how a relation is used.
namespace access {
inline constexpr std::uint8_t kRead = 1;
inline constexpr std::uint8_t kInsert = 2;
inline constexpr std::uint8_t kUpdate = 4;
inline constexpr std::uint8_t kDelete = 8;
inline constexpr std::uint8_t kTruncate = 16;
inline constexpr std::uint8_t kDefine = 32;
}  // namespace access

struct RelationUse {
  std::string schema;  ///< empty: by the search path
  std::string name;
  std::uint8_t access = 0;
  bool maybe_cte = false;  ///< a WITH query of the statement has this name: it may stand for that instead of a table
};

struct FunctionUse {
  std::string schema;
  std::string name;
};

/// SET name = value, or set_config('name', 'value', …); RESET and DEFAULT have an empty value.
struct SettingChange {
  std::string name;    ///< lower-case; "?" when it is not a constant
  std::string value;   ///< "?" when it is not a constant
  bool local = false;  ///< until the transaction ends
};

/// What a statement does to the session it runs in, beyond its transaction.
struct SessionEffects {
  bool stays = false;            ///< LISTEN, PREPARE, temporary relations, cursors WITH HOLD, advisory locks of the session
  bool reads = false;            ///< currval() or lastval() without nextval() in the same statement
  bool discards_all = false;     ///< DISCARD ALL
  bool deallocates_all = false;  ///< DEALLOCATE ALL
  std::string deallocates;       ///< the name; empty: none
};

/// One place where a table stands.
struct TableUse {
  std::string schema;
  std::string name;
  std::uint8_t access = 0;
  std::vector<std::string> fixed;     ///< columns that equal a literal or a parameter in every row which can be touched here
  std::vector<std::string> rewrites;  ///< columns that are set to something else than a literal or a parameter
};

/// A column that is named somewhere.
struct ColumnUse {
  std::string table;  ///< empty: may belong to any table of the statement
  std::string name;   ///< "*": whole rows
  bool written = false;
  auto operator<=>(const ColumnUse&) const = default;
};

/// A column where it stands, for those who must know what becomes of its value.
struct ColumnPlace {
  enum class Place : std::uint8_t {
    output,    ///< a column of the result as it is: the server says which one
    passed,    ///< a column of a subquery in FROM or WITH, as it is: what becomes of it outside is named beside
    tested,    ///< IS NULL and the like, in a condition
    equated,   ///< in a condition, with = or <> or IN, beside literals and parameters alone
    compared,  ///< beside a comparison of a condition
    sorted,    ///< ORDER BY, GROUP BY, DISTINCT, ON CONFLICT
    copied,    ///< COPY table TO
    computed,  ///< anywhere else: its value may come out anywhere
  };
  std::string table;  ///< empty: may belong to any table of the statement
  std::string name;   ///< "*": whole rows
  Place place = Place::computed;
  auto operator<=>(const ColumnPlace&) const = default;
};

/// COPY table TO.
struct CopyOut {
  std::string schema;
  std::string table;
  std::vector<std::string> columns;                          ///< empty: all
  std::vector<std::pair<std::string, std::string>> options;  ///< as written; "?" for what is no plain value
};

struct ShapeFacts {
  std::vector<Command> commands;        ///< one for each `;`-separated statement
  std::vector<RelationUse> relations;   ///< each relation once, its uses joined
  std::vector<TableUse> table_uses;     ///< each place in SELECT, INSERT, UPDATE, DELETE, MERGE and COPY, however deep
  std::vector<ColumnUse> columns;       ///< each once, sorted
  std::vector<ColumnPlace> places;      ///< each once, sorted
  std::shared_ptr<const CopyOut> copy;  ///< nullptr: none
  std::vector<FunctionUse> functions;   ///< each once
  std::vector<SettingChange> settings;
  SessionEffects session;
  bool copies_program = false;                 ///< COPY … PROGRAM
  bool copies_server_file = false;             ///< COPY to or from a file on the server
  bool runs_server_code = false;               ///< DO, CREATE FUNCTION, LOAD, CREATE EXTENSION: code the gateway cannot see through
  bool changes_roles = false;                  ///< roles, grants, ownership, ALTER SYSTEM
  bool writes_without_where = false;           ///< UPDATE or DELETE of every row
  bool depends_on_literals = false;            ///< the facts hold for this text only, not for its shape
  std::array<std::uint8_t, 32> fingerprint{};  ///< SHA-256 of the shape's text
};

class ParsedStatement {
 public:
  // What a statement may hold; a thousandth of it would be a strange statement already.
  static constexpr std::size_t kMaxNodes = 500'000;
  static constexpr std::size_t kMaxQueries = 10'000;     ///< SELECT, VALUES and TABLE, each a branch of a set operation or a level
  static constexpr std::size_t kMaxStatements = 10'000;  ///< of one message
  static constexpr std::size_t kMaxTables = 10'000;      ///< places in which a table stands, and relations by name
  static constexpr std::size_t kMaxColumns = 10'000;     ///< by name

  std::string_view text() const { return text_; }
  std::span<const sql::Token> tokens() const { return tokens_; }
  /// The text with every literal replaced ('?' for strings, ? for numbers), lists of literals drawn together, comments dropped.
  std::string_view shape() const { return shape_; }
  const ShapeFacts& facts() const { return *facts_; }
  const std::shared_ptr<const ShapeFacts>& shared_facts() const { return facts_; }
  /// An earlier statement of this shape had other literals: text is put together where a value could be bound.
  bool literals_vary() const { return literals_vary_; }

 private:
  friend class StatementParser;
  std::string_view text_;
  std::vector<sql::Token> tokens_;
  std::string shape_;
  std::shared_ptr<const ShapeFacts> facts_;
  bool literals_vary_ = false;
};

/// SHA-256 of a shape's text.
std::array<std::uint8_t, 32> shape_fingerprint(std::string_view shape);

/// Parses statements and remembers the facts of shapes seen before. One per worker; not thread-safe.
class StatementParser {
 public:
  static constexpr std::size_t kMaxRemembered = 8192;
  static constexpr std::size_t kMaxRememberedShape = 16 * 1024;

  StatementParser();
  ~StatementParser();

  /// `text` must outlive the use of the result, which is valid until the next call.
  /// Errors: client/invalid: no statement by PostgreSQL's grammar; client/too_large: beyond a limit.
  Result<const ParsedStatement*> parse(std::string_view text, const sql::LexerOptions& options);

  /// The statement of the last parse, also one that was refused: its tokens up to where it could be read, no facts.
  const ParsedStatement& last() const { return current_; }
  /// Of the last parse's error, in characters from 1; 0 when unknown.
  std::uint32_t error_position() const { return error_position_; }
  std::uint64_t hits() const { return hits_; }

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
  ParsedStatement current_;
  std::uint32_t error_position_ = 0;
  std::uint64_t hits_ = 0;
};

}  // namespace bulwark::database
