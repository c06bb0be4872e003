// The shape of a statement: its text without what varies from call to call, so that equal shapes mean equal structure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "database/sql/lexer.h"

namespace bulwark::database::sql {

/// Words in lower case, literals replaced ('?' for strings, ? for numbers), comments dropped, one space between tokens where one is
/// needed; the list after IN, and the rows of VALUES when they are alike, become the first and "...". Quoted words stay as they are.
void write_shape(std::string_view text, std::span<const Token> tokens, std::string& out);

/// The value a string literal stands for when it is written plainly ('it''s'); others come back as written, without quotes.
std::string literal_text(std::string_view token);

}  // namespace bulwark::database::sql
