// What the audit record keeps of a statement's literals: nothing, a keyed hash of each, or the literals themselves.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "crypto/master_key.h"
#include "database/settings.h"
#include "database/sql/lexer.h"
#include "wire/postgres/message.h"

namespace bulwark::database {

inline constexpr std::size_t kMaxLiterals = 64;       ///< of a statement; then the list ends with "…"
inline constexpr std::size_t kMaxLiteralBytes = 128;  ///< of each; longer ones end with "…"

/// A JSON array in the order of the text; empty when `policy` is redact.
std::string audited_literals(std::string_view text, std::span<const sql::Token> tokens, LiteralPolicy policy, const crypto::Key& key);

/// Of the values bound to a statement, those in binary format as hexadecimal digits after "\\x"; NULL is null.
std::string audited_parameters(const wire::postgres::BindMessage& bind, LiteralPolicy policy, const crypto::Key& key);

}  // namespace bulwark::database
