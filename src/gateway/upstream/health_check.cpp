// One GET, judged by its status: below 400 is well.
#include "gateway/upstream/health_check.h"

#include <string>
#include <utility>

#include "gateway/edge/text.h"
#include "gateway/edge/worker.h"
#include "gateway/upstream/pool.h"

namespace bulwark::gateway {

HealthCheck::HealthCheck(std::shared_ptr<UpstreamPool> pool, std::size_t server)
    : pool_(std::move(pool)), server_(server), timer_(pool_->worker().reactor(), [this] { on_timer(); }) {
  begin();
}

HealthCheck::~HealthCheck() {
  if (connection_) pool_->worker().retire(std::move(connection_));
}

void HealthCheck::begin() {
  timer_.arm(pool_->settings().health_interval);
  connection_ = std::make_unique<UpstreamConnection>(pool_, server_);
  if (auto opened = connection_->open(*this); !opened.ok()) conclude(false, opened.error().message);
}

void HealthCheck::on_timer() {
  if (connection_) return conclude(false, "no answer in time");
  begin();
}

void HealthCheck::upstream_ready() {
  const auto& settings = pool_->settings();
  const std::string host = settings.host_header.empty() ? settings.servers[server_].text() : settings.host_header;
  const std::size_t room = 128 + settings.health_path.size() + host.size();
  TextCursor out(connection_->reserve(room), room);
  out.add("GET ").add(settings.health_path).add(" HTTP/1.1\r\n").field("host", host).field("user-agent", "bulwark-health");
  out.add("connection: close\r\n\r\n");
  connection_->commit(out.size());
  connection_->send({}, false, true);
}

void HealthCheck::upstream_head(http::ResponseHead& head) { conclude(head.status < 400, "status " + std::to_string(head.status)); }

void HealthCheck::upstream_failed(const Failure& failure) {
  conclude(false, failure.kind == Failure::Kind::malformed ? failure.refusal.detail : std::string_view(failure.message));
}

void HealthCheck::conclude(bool well, std::string_view why) {
  Worker& worker = pool_->worker();
  if (connection_) worker.retire(std::move(connection_));
  timer_.arm(pool_->settings().health_interval);
  failures_ = well ? 0 : failures_ + 1;
  const bool down = failures_ >= pool_->settings().fail_threshold;
  if (!well && !down) return;
  if (!pool_->health(server_).set_down(down)) return;
  const std::string name = "server " + pool_->settings().servers[server_].text() + " of upstream " + pool_->settings().name;
  if (down)
    worker.report("upstream.down", events::Severity::high, name + " is down: " + std::string(why));
  else
    worker.report("upstream.up", events::Severity::informational, name + " is up again");
}

}  // namespace bulwark::gateway
