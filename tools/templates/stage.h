// @Name@: say in one to four sentences what this stage looks at and what it decides.
#pragma once

#include <memory>

#include "gateway/stage.h"

namespace bulwark::api {

std::shared_ptr<const gateway::Stage> make_@name@();

}  // namespace bulwark::api
