// The backend of regression tests. POST /reflect answers what its JSON body asks for: {"status": 200, "headers": {…}, "body": "…",
// "encodedBody": "base64"}. Elsewhere it answers as the suites' own backends do: with an empty 200 for go-ftw (whose backend is
// albedo), with the request's body for ftw; and with what a test's `input.response` asks for, if it does.
#pragma once

#include <mutex>
#include <optional>

#include "gateway/handler.h"
#include "waf/regression/suite.h"

namespace bulwark::waf::regression {

class Reflector final : public gateway::Handler {
 public:
  static constexpr std::size_t kMaxBody = 32 * 1024 * 1024;  ///< tests announce large bodies that never come

  /// From here on: whose tests these are, and what the next request is to get. Thread-safe.
  void prepare(Runner runner, std::optional<BackendAnswer> answer);

  void handle(gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) override;
  std::size_t max_body_bytes() const override { return kMaxBody; }

 private:
  std::mutex mutex_;
  Runner runner_ = Runner::ftw;
  std::optional<BackendAnswer> answer_;
};

}  // namespace bulwark::waf::regression
