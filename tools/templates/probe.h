// @Name@: say in one to four sentences what this probe looks at and when it calls it degraded or down.
#pragma once

#include <memory>

#include "noc/probe.h"

namespace bulwark::noc {

std::unique_ptr<Probe> make_@name@();

}  // namespace bulwark::noc
