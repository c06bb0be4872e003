// Which rows and columns a statement can touch, table by table: at each place where a table stands, the columns that are fixed to a
// literal or a parameter there; and every column that is named, with the table that it belongs to where that is clear.
#pragma once

#include "database/parsed_statement.h"

struct List;

namespace bulwark::database::sql {

/// Fills `facts.table_uses` and `facts.columns` from the raw parse tree. Names of WITH queries are told from tables by their scope.
/// Errors: client/too_large beyond ParsedStatement::kMaxNodes.
Result<void> collect_table_uses(const List* statements, ShapeFacts& facts);

}  // namespace bulwark::database::sql
