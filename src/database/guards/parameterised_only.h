// Strings belong into bound parameters: a statement that carries one in its text was built by concatenation, whether or not anybody
// has attacked it yet. Numbers are let pass, since apps write LIMIT 10 and status = 1 themselves.
#pragma once

#include <memory>

#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_parameterised_only(const ParameterisedOnlySettings& settings);

}  // namespace bulwark::database
