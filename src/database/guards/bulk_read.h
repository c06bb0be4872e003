// The guard bulk_read: results that are far larger than what the role usually gets from this shape of a statement, or, of a shape that
// it has not run before, from any.
#pragma once

#include <memory>

#include "base/result.h"
#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::database {

/// Errors: config for a file that cannot be read or written.
Result<std::shared_ptr<const Guard>> make_bulk_read(const BulkReadSettings& settings);

}  // namespace bulwark::database
