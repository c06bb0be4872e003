// Denies a simple query that holds more than one statement: the room that stacked injections need, and that drivers do not use.
// Transaction control around one statement (BEGIN; …; COMMIT) passes.
#pragma once

#include <memory>

#include "database/guard.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_multiple_statements(bool allow);

}  // namespace bulwark::database
