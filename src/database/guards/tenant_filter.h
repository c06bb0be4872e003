// Tenants stay apart: every use of a named table, in every branch of a statement, must fix the column that names the tenant to a literal
// or a parameter; and a literal must be the tenant of the request that the statement belongs to, where that is known.
#pragma once

#include <memory>

#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_tenant_filter(const TenantFilterSettings& settings);

}  // namespace bulwark::database
