// Adds the response headers that an app tends to forget and takes away those that tell an attacker what it runs on. What the
// app has set itself stays: it knows better which policy its pages need.
#pragma once

#include <memory>

#include "api/settings.h"
#include "gateway/stage.h"

namespace bulwark::api {

std::shared_ptr<const gateway::Stage> make_response_hardening(const HardeningSettings& settings);

}  // namespace bulwark::api
