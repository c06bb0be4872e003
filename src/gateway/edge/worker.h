// One listener on one reactor: accepts, holds the connections, lends buffers and exchanges, and knows the snapshot in force.
// Nothing here is shared with another worker except immutable snapshots and the health of upstream servers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "gateway/edge/buffer.h"
#include "gateway/edge/mailbox.h"
#include "gateway/server.h"
#include "gateway/upstream/health.h"
#include "net/stream.h"
#include "wire/http/head.h"

namespace bulwark::gateway {

class Connection;
class Flow;
class HealthCheck;
class UpstreamConnection;
class UpstreamPool;

/// A snapshot as one worker serves it; exchanges in progress keep theirs.
struct Generation {
  std::shared_ptr<const Snapshot> snapshot;
  http::HeadLimits head_limits;  ///< from the snapshot
  std::unordered_map<const UpstreamSettings*, std::shared_ptr<UpstreamPool>> pools;
};

/// Written by the worker's thread, read by any.
struct WorkerCounters {
  std::atomic<std::uint64_t> connections{0}, requests{0}, denied{0}, upstream_errors{0}, bytes_in{0}, bytes_out{0}, open{0};
  static void add(std::atomic<std::uint64_t>& counter, std::uint64_t by) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);  // one writer
  }
};

class Worker final : private net::EventHandler {
 public:
  /// What all workers of a server share.
  struct Shared {
    ListenerConfig config;
    Dependencies dependencies;
    HealthBoard health;
  };

  /// `watches`: this worker does the health checks for all.
  Worker(net::Reactor& reactor, std::shared_ptr<Shared> shared, net::Listener listener, events::Publisher* publisher, bool watches);
  ~Worker() override;
  Result<void> start();

  void serve(std::shared_ptr<const Snapshot> snapshot);  ///< this worker's thread, or before it runs
  void drain(Duration grace);

  net::Reactor& reactor() { return reactor_; }
  const ListenerConfig& config() const { return shared_->config; }
  const Dependencies& dependencies() const { return shared_->dependencies; }
  HealthBoard& health() { return shared_->health; }
  BlockPool& blocks() { return blocks_; }
  events::Publisher* publisher() { return publisher_; }
  WorkerCounters& counters() { return counters_; }
  const WorkerCounters& counters() const { return counters_; }
  const std::shared_ptr<Mailbox>& mailbox() { return mailbox_; }
  const std::shared_ptr<const Generation>& generation() const { return generation_; }
  bool draining() const { return draining_; }
  /// nullptr: no control table.
  const control::Snapshot* control();
  std::string_view date();  ///< now as an HTTP date (RFC 9110 §5.6.7)

  Flow& take_flow();
  void retire(Flow& flow);              ///< usable again from the next turn on
  void retire(Connection& connection);  ///< destroyed at the end of this turn
  void retire(std::unique_ptr<UpstreamConnection> connection);
  /// An event about the listener itself, or about a peer that has not asked anything yet.
  void report(std::string_view rule, events::Severity severity, std::string_view message);
  void report_from(const Endpoint& peer, std::string_view rule, events::Severity severity, std::string_view message);

  http::RequestHead& scratch() { return scratch_; }

 private:
  void on_ready(net::Readiness readiness) override;
  void watch();
  void accept_waiting();
  bool admit(net::Stream stream, const Endpoint& peer);
  void report_exhaustion(std::string_view rule, std::string_view message);
  void bury_later();
  void bury();

  static constexpr std::chrono::milliseconds kAcceptPause{100};  // after running out of descriptors
  static constexpr WallTime kExhaustionPause = 10'000'000'000;   // between two events that say so

  net::Reactor& reactor_;
  std::shared_ptr<Shared> shared_;
  net::Listener listener_;
  events::Publisher* publisher_;
  std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<const Generation> generation_;
  std::unique_ptr<control::Table::View> control_;
  BlockPool blocks_;
  WorkerCounters counters_;
  net::Timer accept_again_;
  net::Timer grace_over_;
  WallTime exhausted_reported_ = 0;
  const bool watches_;
  std::vector<std::unique_ptr<HealthCheck>> checks_;
  bool draining_ = false;
  http::RequestHead scratch_;
  std::int64_t date_second_ = -1;
  char date_[32] = {};

  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> retired_connections_;
  std::vector<std::unique_ptr<UpstreamConnection>> retired_upstream_;
  std::vector<std::unique_ptr<Flow>> flows_;  // all there are
  std::vector<Flow*> free_flows_;
  std::vector<Flow*> retired_flows_;
  bool burial_due_ = false;
};

}  // namespace bulwark::gateway
