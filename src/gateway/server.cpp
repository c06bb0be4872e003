// Workers on reactors, and what other threads may ask of them.
#include "gateway/server.h"

#include <utility>

#include "gateway/edge/connection.h"
#include "gateway/edge/flow.h"
#include "gateway/edge/worker.h"
#include "gateway/upstream/connection.h"
#include "gateway/upstream/health_check.h"

namespace bulwark::gateway {
namespace {

class Gateway final : public Server {
 public:
  static Result<std::unique_ptr<Server>> create(ListenerConfig config, std::shared_ptr<const Snapshot> snapshot,
                                                const std::vector<net::Reactor*>& reactors, Dependencies dependencies) {
    CHECK(!reactors.empty() && snapshot != nullptr);
    auto gateway = std::make_unique<Gateway>();
    auto shared = std::make_shared<Worker::Shared>();
    shared->config = std::move(config);
    shared->dependencies = dependencies;
    Endpoint at = shared->config.at;
    gateway->tls_ = shared->config.tls;
    for (net::Reactor* reactor : reactors) {
      auto listener = TRY(net::Listener::listen(at));
      at = gateway->bound_ = listener.bound();  // port 0: the first one's choice holds for all
      events::Publisher* publisher = nullptr;
      if (dependencies.bus != nullptr) publisher = TRY(dependencies.bus->add_publisher(shared->config.name));
      gateway->workers_.push_back(std::make_unique<Worker>(*reactor, shared, std::move(listener), publisher, gateway->workers_.empty()));
      gateway->workers_.back()->serve(gateway->completed(snapshot));
      TRY(gateway->workers_.back()->start());
    }
    return std::unique_ptr<Server>(std::move(gateway));
  }

  const Endpoint& bound() const override { return bound_; }

  void reload(std::shared_ptr<const Snapshot> snapshot) override {
    snapshot = completed(std::move(snapshot));
    for (auto& worker : workers_) worker->mailbox()->post([target = worker.get(), snapshot] { target->serve(snapshot); });
  }

  Counters counters() const override {
    Counters sum;
    for (const auto& worker : workers_) {
      const WorkerCounters& each = worker->counters();
      sum.connections += each.connections.load(std::memory_order_relaxed);
      sum.requests += each.requests.load(std::memory_order_relaxed);
      sum.denied += each.denied.load(std::memory_order_relaxed);
      sum.upstream_errors += each.upstream_errors.load(std::memory_order_relaxed);
      sum.bytes_in += each.bytes_in.load(std::memory_order_relaxed);
      sum.bytes_out += each.bytes_out.load(std::memory_order_relaxed);
      sum.open_connections += each.open.load(std::memory_order_relaxed);
    }
    return sum;
  }

  void drain(std::chrono::milliseconds grace) override {
    for (auto& worker : workers_) worker->mailbox()->post([target = worker.get(), grace] { target->drain(grace); });
  }

 private:
  /// A snapshot without TLS settings of its own serves the listener's first ones.
  std::shared_ptr<const Snapshot> completed(std::shared_ptr<const Snapshot> snapshot) const {
    if (snapshot->tls != nullptr || tls_ == nullptr) return snapshot;
    auto copy = std::make_shared<Snapshot>(*snapshot);
    copy->tls = tls_;
    return copy;
  }

  Endpoint bound_;
  std::shared_ptr<const net::TlsServer> tls_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::create(ListenerConfig config, std::shared_ptr<const Snapshot> snapshot,
                                               std::vector<net::Reactor*> reactors, Dependencies dependencies) {
  return Gateway::create(std::move(config), std::move(snapshot), reactors, dependencies);
}

}  // namespace bulwark::gateway
