// @Name@: say in one to four sentences what this action does about an incident, and how it is undone.
#pragma once

#include <memory>

#include "soc/action.h"

namespace bulwark::soc {

std::unique_ptr<Action> make_@name@();

}  // namespace bulwark::soc
