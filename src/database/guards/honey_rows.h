// The guard honey_rows: rows that stand in a table for nobody to read. Whoever reads one is sweeping the table: who that was is told
// at once, and when enforcing the row does not reach them.
#pragma once

#include <memory>

#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_honey_rows(const HoneyRowsSettings& settings);

}  // namespace bulwark::database
