// Choosing among servers and keeping connections warm.
#include "gateway/upstream/pool.h"

#include <algorithm>
#include <utility>

#include "gateway/edge/worker.h"
#include "gateway/upstream/connection.h"

namespace bulwark::gateway {

UpstreamPool::UpstreamPool(Worker& worker, std::shared_ptr<const UpstreamSettings> settings)
    : worker_(worker), settings_(std::move(settings)), idle_round_(worker.reactor(), [this] { expire_idle(); }) {
  for (const auto& server : settings_->servers) servers_.push_back({worker.health().find(settings_->name, server), 0, {}});
}

UpstreamPool::~UpstreamPool() = default;

std::optional<std::size_t> UpstreamPool::choose(std::optional<std::size_t> avoid) {
  const MonoTime now = worker_.reactor().now();
  std::optional<std::size_t> best;
  int best_rank = 0;
  ++turn_;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const std::size_t index = (turn_ + i) % servers_.size();
    const Server& server = servers_[index];
    if (server.health->down()) continue;
    // Set aside by passive checks is a guess: better than no server at all, worse than any other.
    const int rank = server.health->set_aside(now) ? 1 : index == avoid ? 2 : 3;
    const bool fewer = best && rank == best_rank && server.outstanding < servers_[*best].outstanding;
    if (rank > best_rank || fewer) {
      best = index;
      best_rank = rank;
    }
  }
  return best;
}

std::unique_ptr<UpstreamConnection> UpstreamPool::take_idle(std::size_t server) {
  auto& idle = servers_[server].idle;
  if (idle.empty()) return nullptr;
  auto connection = std::move(idle.back());
  idle.pop_back();
  --idle_;
  return connection;
}

void UpstreamPool::put_idle(std::unique_ptr<UpstreamConnection> connection) {
  if (closing_ || idle_ >= settings_->max_idle_per_worker) return worker_.retire(std::move(connection));
  connection->become_idle(worker_.reactor().now());
  servers_[connection->server()].idle.push_back(std::move(connection));
  ++idle_;
  if (!idle_round_.armed()) idle_round_.arm(kIdleRound);
}

void UpstreamPool::drop_idle(UpstreamConnection& connection) {
  auto& idle = servers_[connection.server()].idle;
  const auto found = std::find_if(idle.begin(), idle.end(), [&](const auto& each) { return each.get() == &connection; });
  if (found == idle.end()) return;
  worker_.retire(std::move(*found));
  idle.erase(found);
  --idle_;
}

void UpstreamPool::close_idle() {
  closing_ = true;
  for (auto& server : servers_) {
    for (auto& connection : server.idle) worker_.retire(std::move(connection));
    server.idle.clear();
  }
  idle_ = 0;
  idle_round_.cancel();
}

/// The oldest are at the front: connections are put to the back and taken from there.
void UpstreamPool::expire_idle() {
  const MonoTime oldest = worker_.reactor().now() - kMaxIdle;
  for (auto& server : servers_) {
    auto kept = server.idle.begin();
    for (; kept != server.idle.end() && (*kept)->idle_since() < oldest; ++kept, --idle_) worker_.retire(std::move(*kept));
    server.idle.erase(server.idle.begin(), kept);
  }
  if (idle_ > 0) idle_round_.arm(kIdleRound);
}

void UpstreamPool::failed(std::size_t server) {
  const bool news = servers_[server].health->failed(settings_->fail_threshold, worker_.reactor().now(), settings_->set_aside);
  if (news)
    worker_.report("upstream.set_aside", events::Severity::high,
                   "server " + settings_->servers[server].text() + " of upstream " + settings_->name + " failed repeatedly");
}

}  // namespace bulwark::gateway
