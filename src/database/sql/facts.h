// Collects the facts of a raw parse tree, with a stack of our own instead of recursion: a tree of any depth costs memory in
// proportion to its nodes and nothing of the thread's stack.
#pragma once

#include <string_view>

#include "base/result.h"
#include "database/parsed_statement.h"

namespace bulwark::database::sql {

/// Parses `text` with libpg_query and fills `facts`, except for the fingerprint. `error_position`: where a syntax error is, in
/// characters from 1; 0 when that is unknown.
Result<void> collect_facts(const std::string& text, const LexerOptions& options, ShapeFacts& facts, std::uint32_t& error_position);

/// Whether PostgreSQL's raw_expression_tree_walker accepts a node of this tag; it would raise an error for others.
bool expression_walker_knows(int node_tag);

}  // namespace bulwark::database::sql
