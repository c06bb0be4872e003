// Asks one upstream server again and again whether it is well, over a connection of its own each time.
#pragma once

#include <memory>

#include "gateway/upstream/connection.h"
#include "net/reactor.h"

namespace bulwark::gateway {

class HealthCheck final : private UpstreamUser {
 public:
  /// Begins at once; the server counts as up until fail_threshold checks have failed in a row.
  HealthCheck(std::shared_ptr<UpstreamPool> pool, std::size_t server);
  ~HealthCheck() override;

 private:
  void begin();
  void conclude(bool well, std::string_view why);
  void on_timer();

  void upstream_ready() override;
  void upstream_head(http::ResponseHead& head) override;
  void upstream_body(std::string_view, bool) override {}
  void upstream_continue() override {}
  void upstream_quiet() override {}
  void upstream_drained() override {}
  void upstream_failed(const Failure& failure) override;

  std::shared_ptr<UpstreamPool> pool_;
  std::size_t server_;
  std::unique_ptr<UpstreamConnection> connection_;
  unsigned failures_ = 0;
  net::Timer timer_;  // of the running check, then until the next one
};

}  // namespace bulwark::gateway
