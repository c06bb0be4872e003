// Denies settings that would change how statements are read or who runs them: the string syntax, the role. The gateway
// reads statements before the server does, and must read them the same way.
#pragma once

#include <memory>

#include "database/guard.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_session_settings();

}  // namespace bulwark::database
