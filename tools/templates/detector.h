// @Name@: say in one to four sentences which pattern of events this detector raises an alert on.
#pragma once

#include <memory>

#include "soc/detector.h"

namespace bulwark::soc {

std::unique_ptr<Detector> make_@name@();

}  // namespace bulwark::soc
