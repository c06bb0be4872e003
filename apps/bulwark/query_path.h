// The query path of the database gateway: which guards look at each statement, in which order, and why.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::app {

Result<std::vector<std::shared_ptr<const database::Guard>>> query_path(const database::GuardSettings& settings);

}  // namespace bulwark::app
