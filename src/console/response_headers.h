// The headers that every answer of the console carries, pages and API alike.
#pragma once

#include <string_view>

#include "gateway/handler.h"

namespace bulwark::console {

/// Nothing inline, nothing from elsewhere, no framing: what a script injected into a page would need is not there.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// `headers` with the policy and its companions added.
gateway::HeaderPairs secured(gateway::HeaderPairs headers);

}  // namespace bulwark::console
