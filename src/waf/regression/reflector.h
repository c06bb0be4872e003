// The backend of regression tests: answers 200 with the request's body, and on a path that ends in /reflect what a JSON body
// asks for: {"status": 200, "headers": {…}, "body": "…", "encodedBody": "base64"}.
#pragma once

#include "gateway/handler.h"

namespace bulwark::waf::regression {

class Reflector final : public gateway::Handler {
 public:
  static constexpr std::size_t kMaxBody = 32 * 1024 * 1024;  ///< tests announce large bodies that never come
  void handle(gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) override;
  std::size_t max_body_bytes() const override { return kMaxBody; }
};

}  // namespace bulwark::waf::regression
