// Model drift: the scores of the chat guard's model no longer lie where they lay when it was new, so that its threshold may let through
// or refuse more than it was set to.
#pragma once

#include <memory>

#include "soc/detector.h"

namespace bulwark::soc {

std::unique_ptr<Detector> make_model_drift();

}  // namespace bulwark::soc
