// Where each column of a statement stands: as a plain column of its result, beside a comparison, or anywhere else. Names are resolved
// towards caution: an alias means every table that has it anywhere in the statement, an unqualified name every table of the statement.
#pragma once

#include "database/parsed_statement.h"

struct List;

namespace bulwark::database::sql {

/// Fills `facts.places` and `facts.copy` from the raw parse tree.
/// Errors: client/too_large beyond ParsedStatement::kMaxNodes.
Result<void> collect_column_places(const List* statements, ShapeFacts& facts);

}  // namespace bulwark::database::sql
