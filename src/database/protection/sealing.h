// Statements and parameters on their way to PostgreSQL: each value that is given to an encrypted column, or compared with one, is replaced
// by its sealed form or its blind index. Pure; the relay sends what comes out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "database/parsed_statement.h"
#include "database/protection/protection.h"

namespace bulwark::database {

/// What becomes of a parameter.
struct SealedParameter {
  const ColumnCipher* cipher = nullptr;
  bool compared = false;
  std::string column;           ///< for messages
  std::uint32_t told_type = 0;  ///< what the client's Parse says it sends; 0: nothing
};

/// A statement as PostgreSQL gets it.
struct SealedStatement {
  std::string sql;
  std::map<std::uint32_t, SealedParameter> parameters;  ///< by their number, from 1
  std::vector<std::uint32_t> literals;                  ///< where those begin in the client's text that were replaced, ascending
  std::shared_ptr<const Protection> protection;         ///< keeps the ciphers

  std::vector<std::uint32_t> parameter_numbers() const {
    std::vector<std::uint32_t> numbers;
    for (const auto& each : parameters) numbers.push_back(each.first);
    return numbers;
  }
};

/// Whether the statement names a table with encrypted columns.
bool concerns_encrypted(const ShapeFacts& facts, const Catalogue& catalogue, const Protection& protection);

/// nullptr: nothing of it has to be replaced. Errors, client/unsupported: what cannot be done, naming column and reason;
/// client/invalid: a literal that is no value of the column's type.
Result<std::shared_ptr<SealedStatement>> seal_statement(std::string_view text, const sql::LexerOptions& options, const ShapeFacts& facts,
                                                        const Catalogue& catalogue, std::shared_ptr<const Protection> protection);

/// A Parse's list of types (count and object ids), as PostgreSQL gets it; notes what the client said in `statement`.
Result<std::string> seal_parameter_types(std::string_view types, SealedStatement& statement);

/// Of a Bind, what follows the names. Errors, client/invalid: a value that is none of the column's type; a malformed message.
Result<std::string> seal_bound_values(std::string_view rest, const SealedStatement& statement);

/// The body of a ParameterDescription, as the client gets it.
Result<std::string> describe_parameters(std::string_view body, const SealedStatement& statement);

}  // namespace bulwark::database
