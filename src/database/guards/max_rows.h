// The guard max_rows: how many rows a role may get from a table with one statement, or write to it. A result past that is cut with an
// error, and what was written is rolled back; statements whose rows cannot be counted may not touch such a table.
#pragma once

#include <memory>

#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_max_rows(const MaxRowsSettings& settings);

}  // namespace bulwark::database
