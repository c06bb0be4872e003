// What a statement's text puts into a column or compares it with: the literals, and the numbers of the parameters. The shape has said
// already that the column is fixed wherever it must be; here it is about to what.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/sql/lexer.h"

namespace bulwark::database {

class TenantValues {
 public:
  /// Both must outlive the object.
  TenantValues(std::string_view text, std::span<const sql::Token> tokens);

  struct Found {
    std::vector<std::string> literals;
    std::vector<std::uint32_t> parameters;  ///< from 1
  };
  /// `column = 'x'`, `$1 = t.column`, `column IN (5)`, `column IS NOT DISTINCT FROM $2`, SET column = …, and, of any table, its place in
  /// the rows of INSERT … (columns) VALUES. In INSERT … SELECT no value is found.
  Found of(std::string_view column) const;

 private:
  std::string_view in(std::size_t i) const { return i < tokens_.size() ? tokens_[i].in(text_) : std::string_view(); }
  bool is_word(std::size_t i, std::string_view word) const;
  void compared(std::size_t column, Found& found) const;
  void inserted(std::size_t insert, std::string_view column, Found& found) const;
  void take(std::size_t i, Found& found) const;
  std::size_t closing(std::size_t open) const;

  std::string_view text_;
  std::vector<sql::Token> tokens_;  ///< without comments
};

}  // namespace bulwark::database
