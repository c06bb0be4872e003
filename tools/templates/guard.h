// @Name@: say in one to four sentences what this guard looks at and what it denies.
#pragma once

#include <memory>

#include "database/guard.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_@name@();

}  // namespace bulwark::database
