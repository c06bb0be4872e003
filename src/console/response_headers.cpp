#include "console/response_headers.h"

namespace bulwark::console {

gateway::HeaderPairs secured(gateway::HeaderPairs headers) {
  headers.emplace_back("content-security-policy", kContentSecurityPolicy);
  headers.emplace_back("x-content-type-options", "nosniff");
  headers.emplace_back("referrer-policy", "no-referrer");
  headers.emplace_back("cross-origin-opener-policy", "same-origin");
  headers.emplace_back("cross-origin-resource-policy", "same-origin");
  headers.emplace_back("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  return headers;
}

}  // namespace bulwark::console
