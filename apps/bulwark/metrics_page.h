// /metrics on the console's listener: the process's numbers for Prometheus. It needs no session, since it tells counts only, and
// the listener is on loopback unless somebody configured otherwise.
#pragma once

#include <memory>

#include "gateway/handler.h"
#include "noc/metrics.h"

namespace bulwark::app {

class MetricsPage final : public gateway::Handler {
 public:
  noc::Metrics& metrics() { return metrics_; }
  void handle(gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) override;
  std::size_t max_body_bytes() const override { return 0; }

 private:
  noc::Metrics metrics_;
};

}  // namespace bulwark::app
