// Canary leak: a model told the token that the chat guard had put into its system prompt, so somebody made it tell its instructions.
// Blocked or not, that is an alert: the token is drawn anew for every conversation and stands nowhere else.
#pragma once

#include <memory>

#include "soc/detector.h"

namespace bulwark::soc {

std::unique_ptr<Detector> make_canary_leak();

}  // namespace bulwark::soc
