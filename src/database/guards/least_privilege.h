// Least privilege by role: which tables, what may be done with them, which columns. Beyond the server's own grants: it knows the
// app's role, which usually owns everything.
#pragma once

#include <memory>

#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_least_privilege(const LeastPrivilegeSettings& settings);

}  // namespace bulwark::database
