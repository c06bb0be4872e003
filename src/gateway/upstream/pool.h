// One worker's connections to the servers of one upstream: chooses a server, keeps idle connections, counts what is outstanding.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "gateway/upstream/health.h"
#include "gateway/upstream_settings.h"
#include "net/reactor.h"

namespace bulwark::gateway {

class UpstreamConnection;
class Worker;

class UpstreamPool : public std::enable_shared_from_this<UpstreamPool> {
 public:
  UpstreamPool(Worker& worker, std::shared_ptr<const UpstreamSettings> settings);
  ~UpstreamPool();

  const UpstreamSettings& settings() const { return *settings_; }
  Worker& worker() { return worker_; }

  /// The usable server with the fewest exchanges outstanding, taking turns among equals; `avoid` only if there is no other.
  /// nullopt: the health checks say that none is up.
  std::optional<std::size_t> choose(std::optional<std::size_t> avoid);
  /// An idle connection to `server`, the last used first; nullptr if there is none.
  std::unique_ptr<UpstreamConnection> take_idle(std::size_t server);
  void put_idle(std::unique_ptr<UpstreamConnection> connection);
  /// From inside an idle connection's reaction: the server closed it.
  void drop_idle(UpstreamConnection& connection);
  void close_idle();  ///< after a reload: this pool is on its way out

  ServerHealth& health(std::size_t server) { return *servers_[server].health; }
  void begin(std::size_t server) { ++servers_[server].outstanding; }
  void end(std::size_t server) { --servers_[server].outstanding; }
  void failed(std::size_t server);  ///< a connection or a response that did not come
  void succeeded(std::size_t server) { servers_[server].health->succeeded(); }

 private:
  struct Server {
    std::shared_ptr<ServerHealth> health;
    std::size_t outstanding = 0;
    std::vector<std::unique_ptr<UpstreamConnection>> idle;
  };
  void expire_idle();

  static constexpr std::chrono::seconds kIdleRound{5};
  static constexpr std::chrono::seconds kMaxIdle{30};

  Worker& worker_;
  std::shared_ptr<const UpstreamSettings> settings_;
  std::vector<Server> servers_;
  std::size_t idle_ = 0;
  std::size_t turn_ = 0;
  bool closing_ = false;
  net::Timer idle_round_;
};

}  // namespace bulwark::gateway
