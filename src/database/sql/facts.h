// Collects the facts of a raw parse tree, with a stack of our own instead of recursion: a tree of any depth costs memory in
// proportion to its nodes and nothing of the thread's stack.
#pragma once

#include <string_view>

#include "base/result.h"
#include "database/parsed_statement.h"

namespace bulwark::database::sql {

/// Parses `text` (zero-terminated) with libpg_query and fills `facts`, except for the fingerprint.
Result<void> collect_facts(const std::string& text, const LexerOptions& options, ShapeFacts& facts);

}  // namespace bulwark::database::sql
