// Repeated blocks: one source had several attacks blocked within a short time. Counts distinct requests that the WAF, the API
// checks or the chat guard refused; refusals of an existing block, a rate limit or a budget are not attacks, and what the database
// guard blocks comes from the app's own address.
#pragma once

#include <memory>

#include "soc/detector.h"
#include "soc/settings.h"

namespace bulwark::soc {

std::unique_ptr<Detector> make_repeated_blocks(const RepeatedBlocksSettings& settings);

}  // namespace bulwark::soc
