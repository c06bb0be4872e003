// Looks at requests that the edge refused before any stage saw them, so that people learn what was attempted: it may add
// findings, it cannot change the answer. Rare work on hostile bytes; bounded by the limits of a head.
#pragma once

#include <string_view>

namespace bulwark::gateway {

class Exchange;

class RefusalObserver {
 public:
  virtual ~RefusalObserver() = default;
  /// `raw`: what was received of the request, from its first byte; may end anywhere, may hold anything.
  virtual void refused(std::string_view raw, Exchange& exchange) const = 0;
};

}  // namespace bulwark::gateway
