// Accepting, burying, swapping snapshots.
#include "gateway/edge/worker.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "gateway/edge/connection.h"
#include "gateway/edge/flow.h"
#include "gateway/upstream/connection.h"
#include "gateway/upstream/health_check.h"
#include "gateway/upstream/pool.h"

namespace bulwark::gateway {

Worker::Worker(net::Reactor& reactor, std::shared_ptr<Shared> shared, net::Listener listener, events::Publisher* publisher, bool watches)
    : reactor_(reactor),
      shared_(std::move(shared)),
      listener_(std::move(listener)),
      publisher_(publisher),
      mailbox_(std::make_shared<Mailbox>(reactor)),
      accept_again_(reactor, [this] { accept_waiting(); }),
      grace_over_(reactor,
                  [this] {
                    while (!connections_.empty()) connections_.begin()->first->close("the server is going down");
                  }),
      watches_(watches) {
  if (shared_->dependencies.control != nullptr) control_ = std::make_unique<control::Table::View>(*shared_->dependencies.control);
}

Worker::~Worker() {
  mailbox_->close();
  if (listener_.fd() >= 0) reactor_.remove(listener_.fd(), *this);
  while (!connections_.empty()) connections_.begin()->first->close("the server is going down");
  checks_.clear();
  if (generation_)
    for (const auto& [settings, pool] : generation_->pools) pool->close_idle();
  bury();
  for (auto& flow : flows_) flow->recycle();
}

Result<void> Worker::start() { return reactor_.add(listener_.fd(), *this); }

void Worker::serve(std::shared_ptr<const Snapshot> snapshot) {
  auto next = std::make_shared<Generation>();
  const auto add_pool = [&](const std::shared_ptr<const UpstreamSettings>& upstream) {
    if (upstream == nullptr || next->pools.contains(upstream.get())) return;
    std::shared_ptr<UpstreamPool> pool;
    if (generation_)
      if (const auto old = generation_->pools.find(upstream.get()); old != generation_->pools.end()) pool = old->second;
    if (!pool) pool = std::make_shared<UpstreamPool>(*this, upstream);
    next->pools.emplace(upstream.get(), std::move(pool));
  };
  for (const auto& route : snapshot->routes.routes()) {
    add_pool(route->upstream);
    for (const auto& other : route->others) add_pool(other);
  }
  if (generation_)
    for (const auto& [settings, pool] : generation_->pools)
      if (!next->pools.contains(settings)) pool->close_idle();
  next->snapshot = std::move(snapshot);
  const std::size_t most = next->snapshot->limits.max_header_bytes;
  next->head_limits = {.max_bytes = most, .max_line = std::min<std::size_t>(most, 8 * 1024), .max_fields = Headers::kMax};
  generation_ = std::move(next);
  if (watches_) watch();
}

void Worker::watch() {
  checks_.clear();
  for (const auto& [settings, pool] : generation_->pools)
    for (std::size_t server = 0; !settings->health_path.empty() && server < settings->servers.size(); ++server)
      checks_.push_back(std::make_unique<HealthCheck>(pool, server));
  health().forget_unused();
}

void Worker::drain(Duration grace) {
  draining_ = true;
  if (listener_.fd() >= 0) {
    reactor_.remove(listener_.fd(), *this);
    listener_.close();
  }
  accept_again_.cancel();
  std::vector<Connection*> all;
  for (const auto& [connection, owned] : connections_) all.push_back(connection);
  for (Connection* connection : all) connection->drain();
  grace_over_.arm(grace);
}

void Worker::on_ready(net::Readiness) { accept_waiting(); }

void Worker::accept_waiting() {
  while (!draining_) {
    Endpoint peer;
    auto accepted = listener_.accept(peer);
    if (!accepted.ok()) {
      report_exhaustion("edge.descriptors_exhausted", accepted.error().message);
      return accept_again_.arm(kAcceptPause);  // edge-triggered: nobody would tell us again
    }
    if (!accepted->open()) return;
    if (connections_.size() >= config().max_connections_per_worker) {
      report_exhaustion("edge.connections_exhausted", "more connections than max_connections_per_worker");
      continue;  // closes it
    }
    admit(std::move(*accepted), peer);
  }
}

bool Worker::admit(net::Stream stream, const Endpoint& peer) {
  auto owned = std::make_unique<Connection>(*this, std::move(stream), peer);
  Connection& connection = *owned;
  connections_.emplace(&connection, std::move(owned));
  WorkerCounters::add(counters_.connections, 1);
  counters_.open.store(connections_.size(), std::memory_order_relaxed);
  if (connection.start(generation_->snapshot->tls).ok()) return true;
  connection.close();
  return false;
}

const control::Snapshot* Worker::control() { return control_ ? &control_->current() : nullptr; }

std::string_view Worker::date() {
  const std::int64_t second = reactor_.wall() / 1'000'000'000;
  if (second != date_second_) {
    date_second_ = second;
    const std::time_t time = second;
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::strftime(date_, sizeof date_, "%a, %d %b %Y %H:%M:%S GMT", &parts);  // the C locale's names: nobody calls setlocale
  }
  return {date_, 29};
}

Flow& Worker::take_flow() {
  if (free_flows_.empty()) {
    flows_.push_back(std::make_unique<Flow>(*this));
    return *flows_.back();
  }
  Flow* flow = free_flows_.back();
  free_flows_.pop_back();
  return *flow;
}

void Worker::retire(Flow& flow) {
  retired_flows_.push_back(&flow);
  bury_later();
}

void Worker::retire(Connection& connection) {
  const auto found = connections_.find(&connection);
  CHECK(found != connections_.end());
  retired_connections_.push_back(std::move(found->second));
  connections_.erase(found);
  counters_.open.store(connections_.size(), std::memory_order_relaxed);
  bury_later();
}

void Worker::retire(std::unique_ptr<UpstreamConnection> connection) {
  connection->detach();
  retired_upstream_.push_back(std::move(connection));
  bury_later();
}

void Worker::bury_later() {
  if (std::exchange(burial_due_, true)) return;
  reactor_.defer([this] { bury(); });
}

void Worker::bury() {
  burial_due_ = false;
  retired_connections_.clear();
  retired_upstream_.clear();
  for (Flow* flow : retired_flows_) {
    flow->recycle();
    free_flows_.push_back(flow);
  }
  retired_flows_.clear();
}

void Worker::report_exhaustion(std::string_view rule, std::string_view message) {
  if (reactor_.wall() - exhausted_reported_ < kExhaustionPause) return;
  exhausted_reported_ = reactor_.wall();
  report(rule, events::Severity::high, message);
}

void Worker::report(std::string_view rule, events::Severity severity, std::string_view message) {
  if (publisher_ == nullptr) return;
  events::Event event;
  event.time = reactor_.wall();
  event.event_class = events::Class::application_lifecycle;
  event.activity = 99;
  event.severity = severity;
  event.disposition = events::Disposition::error;
  event.rule = rule;
  event.target = config().name;
  event.message = message;
  publisher_->publish(event);
}

void Worker::report_from(const Endpoint& peer, std::string_view rule, events::Severity severity, std::string_view message) {
  if (publisher_ == nullptr) return;
  events::Event event;
  event.time = reactor_.wall();
  event.event_class = events::Class::network_activity;
  event.activity = 4;  // fail
  event.severity = severity;
  event.disposition = events::Disposition::error;
  event.source = peer.address;
  event.source_port = peer.port;
  event.rule = rule;
  event.target = config().name;
  event.message = message;
  publisher_->publish(event);
}

}  // namespace bulwark::gateway
