// Workers: each accepts on its own listener (SO_REUSEPORT) and owns its sessions; they share the cancel keys and the counters.
#include "database/gateway.h"

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "base/log.h"
#include "database/cancel.h"
#include "database/session.h"

namespace bulwark::database {
namespace {

struct SharedCounters {
  std::atomic<std::uint64_t> sessions{0};
  std::atomic<std::uint64_t> open_sessions{0};
  std::atomic<std::uint64_t> logins_refused{0};
  std::atomic<std::uint64_t> upstream_errors{0};
  std::atomic<std::uint64_t> cancels{0};
};

class Worker;

struct Shared {
  CancelKeys keys;
  SharedCounters counters;
  std::vector<std::unique_ptr<Worker>> workers;
};

class Worker final : public net::EventHandler, public SessionOwner {
 public:
  static constexpr std::chrono::milliseconds kAcceptPause{100};
  static constexpr std::size_t kMaxDeliveries = 256;
  static constexpr std::size_t kTurnedAway = 64;  ///< sessions beyond the limit, which are only told that there is no room

  Worker(Shared& shared, std::size_t index, net::Reactor& reactor, std::shared_ptr<const Policy> policy, const Dependencies& needs,
         events::Publisher* publisher, net::Listener listener)
      : shared_(shared),
        index_(index),
        listener_(std::move(listener)),
        context_{reactor, std::move(policy), Examiner(needs.in_flight, needs.control), StatementLog(publisher),
                 AuditTrail(needs.audit, reactor, publisher)},
        pools_(reactor),
        accept_again_(reactor, [this] { accept_all(); }),
        grace_(reactor, [this] { drain_sessions(true); }) {}
  ~Worker() override { stop_listening(); }

  Result<void> start() { return context_.reactor.add(listener_.fd(), *this); }
  const Endpoint& bound() const { return listener_.bound(); }
  net::Reactor& reactor() { return context_.reactor; }

  // On the reactor's thread only:
  void follow(std::shared_ptr<const Policy> policy) {
    context_.policy = std::move(policy);
    pools_.flush();
  }
  void drain(std::chrono::milliseconds grace) {
    stop_listening();
    drain_sessions(false);
    grace_.arm(grace);
  }
  void deliver_cancel(std::uint64_t session);

  void on_ready(net::Readiness) override { accept_all(); }

  wire::postgres::BackendKey issue_key(std::uint64_t session, std::uint32_t process) override {
    return shared_.keys.issue({index_, session}, process);
  }
  void retire_key(const wire::postgres::BackendKey& key) override { shared_.keys.retire(key); }
  void cancel(const wire::postgres::BackendKey& key) override;
  void ended(std::uint64_t session) override {
    shared_.counters.open_sessions.fetch_sub(1, std::memory_order_relaxed);
    context_.reactor.defer([this, session] { sessions_.erase(session); });
  }
  Pools& pools() override { return pools_; }
  void count_refusal(bool upstream) override {
    (upstream ? shared_.counters.upstream_errors : shared_.counters.logins_refused).fetch_add(1, std::memory_order_relaxed);
  }

 private:
  void accept_all();
  void serve(net::Stream stream, const Endpoint& peer);
  void drain_sessions(bool force) {
    for (auto& [id, session] : sessions_) session->drain(force);
  }
  void stop_listening() {
    if (listener_.fd() < 0) return;
    context_.reactor.remove(listener_.fd(), *this);
    listener_.close();
  }

  Shared& shared_;
  std::size_t index_;
  net::Listener listener_;
  WorkerContext context_;
  Pools pools_;  ///< before the sessions, which give their connections back when they end
  net::Timer accept_again_;
  net::Timer grace_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;
  std::unordered_map<std::uint64_t, std::unique_ptr<CancelDelivery>> deliveries_;
};

void Worker::accept_all() {
  for (;;) {
    if (listener_.fd() < 0) return;
    Endpoint peer;
    auto stream = listener_.accept(peer);
    if (!stream.ok()) {
      log::warn("database: {}", stream.error().message);
      accept_again_.arm(kAcceptPause);
      return;
    }
    if (!stream->open()) return;
    serve(std::move(*stream), peer);
  }
}

void Worker::serve(net::Stream stream, const Endpoint& peer) {
  const std::size_t limit = context_.policy->settings.max_connections;
  if (sessions_.size() >= limit + kTurnedAway) {
    count_refusal(false);
    return;  // closed: not even room to say why
  }
  const std::uint64_t id = next_id_++;
  auto session = std::make_unique<Session>(*this, context_, id, peer, sessions_.size() >= limit);
  shared_.counters.sessions.fetch_add(1, std::memory_order_relaxed);
  Session& started = *session;
  sessions_.emplace(id, std::move(session));
  shared_.counters.open_sessions.fetch_add(1, std::memory_order_relaxed);
  if (!started.start(std::move(stream)).ok()) ended(id);
}

void Worker::cancel(const wire::postgres::BackendKey& key) {
  const auto route = shared_.keys.find(key);
  if (!route) return;  // as the server: a wrong key gets no answer
  Worker& owner = *shared_.workers[route->worker];
  if (&owner == this) return deliver_cancel(route->session);
  owner.reactor().post([&owner, session = route->session] { owner.deliver_cancel(session); });
}

void Worker::deliver_cancel(std::uint64_t session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end() || deliveries_.size() >= kMaxDeliveries) return;
  const auto target = found->second->cancel_target();
  if (!target) return;
  shared_.counters.cancels.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t id = next_id_++;
  ++target->tally->on_the_way;
  auto delivery =
      std::make_unique<CancelDelivery>(context_.reactor, context_.policy, target->key, [this, id, tally = target->tally](bool delivered) {
        --tally->on_the_way;
        tally->lost |= !delivered;
        context_.reactor.defer([this, id] { deliveries_.erase(id); });
        pools_.cancel_ended();
      });
  CancelDelivery& started = *delivery;
  deliveries_.emplace(id, std::move(delivery));
  started.start();
}

class ServedGateway final : public Gateway {
 public:
  static Result<std::unique_ptr<Gateway>> create(Settings settings, std::vector<std::shared_ptr<const Guard>> guards,
                                                 std::vector<net::Reactor*> reactors, Dependencies needs) {
    auto gateway = std::unique_ptr<ServedGateway>(new ServedGateway);
    Endpoint at = settings.listen;
    gateway->secret_ = needs.secret;
    const auto policy = TRY(Policy::create(std::move(settings), std::move(guards), needs.secret));
    gateway->policy_ = policy;
    for (std::size_t i = 0; i < reactors.size(); ++i) {
      auto listener = TRY(net::Listener::listen(at));
      at = listener.bound();  // port 0 becomes one port for all workers
      events::Publisher* publisher = needs.bus == nullptr ? nullptr : TRY(needs.bus->add_publisher("database-" + std::to_string(i)));
      gateway->shared_.workers.push_back(
          std::make_unique<Worker>(gateway->shared_, i, *reactors[i], policy, needs, publisher, std::move(listener)));
    }
    for (auto& worker : gateway->shared_.workers) TRY(worker->start());
    gateway->bound_ = at;
    return std::unique_ptr<Gateway>(std::move(gateway));
  }

  const Endpoint& bound() const override { return bound_; }

  Result<void> reload(Settings settings, std::vector<std::shared_ptr<const Guard>> guards) override {
    const auto policy = TRY(Policy::create(std::move(settings), std::move(guards), secret_, policy_.get()));
    // Here, since ending its thread may take a moment; the workers only let go of it.
    if (policy_->protection != nullptr && policy_->protection != policy->protection) policy_->protection->retire();
    policy_ = policy;
    for (auto& worker : shared_.workers) worker->reactor().post([w = worker.get(), policy] { w->follow(policy); });
    return {};
  }

  Counters counters() const override {
    const auto& c = shared_.counters;
    return {c.sessions.load(), c.open_sessions.load(), c.logins_refused.load(), c.upstream_errors.load(), c.cancels.load()};
  }

  void drain(std::chrono::milliseconds grace) override {
    for (auto& worker : shared_.workers) worker->reactor().post([w = worker.get(), grace] { w->drain(grace); });
  }

 private:
  ServedGateway() = default;
  Shared shared_;
  Endpoint bound_;
  crypto::Key secret_;
  std::shared_ptr<const Policy> policy_;  ///< the last made; of the thread that reloads
};

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::create(Settings settings, std::vector<std::shared_ptr<const Guard>> guards,
                                                 std::vector<net::Reactor*> reactors, Dependencies dependencies) {
  return ServedGateway::create(std::move(settings), std::move(guards), std::move(reactors), dependencies);
}

}  // namespace bulwark::database
