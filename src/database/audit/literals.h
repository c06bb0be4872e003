// What the audit record keeps of a statement's literals: nothing, a keyed hash of each, or the literals themselves.
#pragma once

#include <cstdint>
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

/// A JSON array in the order of the text; empty when `policy` is redact. `encrypted`: where literals begin that are for encrypted columns,
/// ascending; whatever the policy, nothing of those is kept.
std::string audited_literals(std::string_view text, std::span<const sql::Token> tokens, LiteralPolicy policy, const crypto::Key& key,
                             std::span<const std::uint32_t> encrypted = {});

/// Of the values bound to a statement, those in binary format as hexadecimal digits after "\\x"; NULL is null. `encrypted`: the numbers,
/// from 1, of those for encrypted columns.
std::string audited_parameters(const wire::postgres::BindMessage& bind, LiteralPolicy policy, const crypto::Key& key,
                               std::span<const std::uint32_t> encrypted = {});

}  // namespace bulwark::database
