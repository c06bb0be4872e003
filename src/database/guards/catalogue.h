// Sweeps through the system catalogues: reading which tables, columns, roles and functions there are is how an attack finds its way, and
// nothing that an app in production does. What drivers and ORMs read at start (types, settings) passes.
#pragma once

#include <memory>

#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_catalogue(const CatalogueSettings& settings);

}  // namespace bulwark::database
