// Where values are given to columns or compared with them, as places in the statement's text: for whoever puts other values there.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "database/sql/lexer.h"

namespace bulwark::database::sql {

/// A value as the statement has it.
struct ValueOperand {
  enum class Kind : std::uint8_t {
    literal,
    parameter,
    nothing,  ///< NULL or DEFAULT
    copied,   ///< excluded.column: what the statement itself brought
    other,    ///< an expression, a cast, rows of a query
  };
  Kind kind = Kind::other;
  std::string value;            ///< of a literal, as the server reads it
  std::uint32_t begin = 0;      ///< of a literal: byte offset into the text
  std::uint32_t parameter = 0;  ///< its number
};

struct ValueSite {
  bool compared = false;            ///< with = or <> or IN; else stored
  std::vector<std::string> tables;  ///< the column's; empty: any of the statement
  std::string column;               ///< empty: the one at `position` of the table
  std::size_t position = 0;
  std::uint32_t column_begin = 0;  ///< compared: where its name begins
  std::uint32_t column_parts = 0;  ///< and how many names it has (table.column: 2)
  std::vector<ValueOperand> operands;
};

struct ValueSites {
  std::vector<ValueSite> sites;
  std::map<std::uint32_t, std::size_t> parameters;  ///< how often each is named in the statement
};

/// Parses `text` (comments blanked). Errors: as of collect_facts().
Result<ValueSites> collect_value_sites(const std::string& text, const LexerOptions& options);

}  // namespace bulwark::database::sql
