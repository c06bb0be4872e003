// For tests: a gateway on a reactor of its own thread, real sockets on both sides, and the events that it published.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/server.h"
#include "net/stream.h"

namespace bulwark::gateway::testing {

inline constexpr int kPatienceMs = 10'000;

/// A blocking socket with patience; every wait is for an event of the peer.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  explicit Peer(const Endpoint& to) {
    sockaddr_storage address{};
    const unsigned size = to.to_sockaddr(address);
    fd_ = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
  }
  Peer(Peer&& other) noexcept : fd_(std::exchange(other.fd_, -1)), held_(std::move(other.held_)) {}
  ~Peer() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }
  /// More bytes into held(); false at the end or when nothing comes.
  bool more(int patience_ms = kPatienceMs) {
    pollfd poll{fd_, POLLIN, 0};
    if (::poll(&poll, 1, patience_ms) != 1) return false;
    char buffer[65536];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    held_.append(buffer, static_cast<std::size_t>(got));
    return true;
  }
  std::string until(std::string_view mark) {
    while (held_.find(mark) == std::string::npos)
      if (!more()) return take(held_.size());
    return take(held_.find(mark) + mark.size());
  }
  std::string exactly(std::size_t bytes) {
    while (held_.size() < bytes)
      if (!more()) break;
    return take(std::min(bytes, held_.size()));
  }
  std::string to_end() {
    while (more()) continue;
    return take(held_.size());
  }
  /// One message: head, and a body by Content-Length or chunks (left in their framing).
  std::string message(bool no_body = false) {
    std::string text = until("\r\n\r\n");
    const auto length = text.find("ontent-length: ") != std::string::npos ? text.find("ontent-length: ") : text.find("ontent-Length: ");
    if (no_body) return text;
    if (length != std::string::npos) return text + exactly(std::stoul(text.substr(length + 15)));
    if (text.find("ransfer-encoding: chunked") != std::string::npos || text.find("ransfer-Encoding: chunked") != std::string::npos)
      return text + until("0\r\n\r\n");
    return text;
  }
  int fd() const { return fd_; }

 private:
  std::string take(std::size_t bytes) {
    std::string out = held_.substr(0, bytes);
    held_.erase(0, bytes);
    return out;
  }
  int fd_ = -1;
  std::string held_;
};

/// Serves each connection on a thread of its own with `serve`; stops and joins when destroyed.
class TestUpstream {
 public:
  explicit TestUpstream(std::function<void(Peer&)> serve) : serve_(std::move(serve)) {
    listener_ = net::Listener::listen(Endpoint::parse("127.0.0.1:0").value()).value();
    acceptor_ = std::thread([this] { accept(); });
  }
  ~TestUpstream() {
    stopping_ = true;
    ::shutdown(listener_.fd(), SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (auto& thread : threads_) thread.join();
  }
  const Endpoint& at() const { return listener_.bound(); }
  int connections() const { return connections_; }

 private:
  void accept() {
    while (!stopping_) {
      pollfd poll{listener_.fd(), POLLIN, 0};
      if (::poll(&poll, 1, kPatienceMs) < 1 || stopping_) continue;
      const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      ++connections_;
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] {
        Peer peer(fd);
        serve_(peer);
        const std::lock_guard guard(mutex_);
        std::erase(open_, fd);
        peer.close();
      });
    }
  }
  std::function<void(Peer&)> serve_;
  net::Listener listener_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A bus that keeps what was published, as text.
class RecordingBus final : public events::Bus {
 public:
  struct Record {
    events::Class event_class;
    events::Disposition disposition;
    std::uint16_t status;
    std::string rule, target, route, message;
    TraceId trace;
  };
  Result<events::Publisher*> add_publisher(std::string_view) override {
    publishers_.push_back(std::make_unique<Recorder>(*this));
    return publishers_.back().get();
  }
  void subscribe(events::Subscriber&) override {}
  Result<void> start() override { return {}; }
  void flush() override {}
  void stop() override {}
  std::vector<Record> records() {
    const std::lock_guard lock(mutex_);
    return records_;
  }
  std::string rules() {
    std::string text;
    for (const auto& each : records()) text += std::to_string(static_cast<int>(each.event_class)) + ":" + each.rule + " ";
    return text;
  }

 private:
  struct Recorder final : events::Publisher {
    explicit Recorder(RecordingBus& to) : bus(to) {}
    bool publish(const events::Event& event) override {
      const std::lock_guard lock(bus.mutex_);
      bus.records_.push_back({event.event_class, event.disposition, event.status, std::string(event.rule), std::string(event.target),
                              std::string(event.route), std::string(event.message), event.trace});
      return true;
    }
    RecordingBus& bus;
  };
  std::mutex mutex_;
  std::vector<Record> records_;
  std::vector<std::unique_ptr<Recorder>> publishers_;
};

class TestGateway {
 public:
  explicit TestGateway(std::vector<std::shared_ptr<const Route>> routes, ListenerConfig config = {}, Dependencies more = {},
                       Limits limits = {}) {
    reactor_ = std::move(net::Reactor::create()).value();
    config.at = Endpoint::parse("127.0.0.1:0").value();
    if (more.bus == nullptr) more.bus = &bus;
    limits_ = limits;
    auto created = Server::create(std::move(config), snapshot(std::move(routes)), {reactor_.get()}, more);
    EXPECT_TRUE(created.ok());
    server_ = std::move(created).value();
    thread_ = std::thread([this] { reactor_->run(); });
  }
  ~TestGateway() {
    reactor_->stop();
    thread_.join();
  }
  std::shared_ptr<const Snapshot> snapshot(std::vector<std::shared_ptr<const Route>> routes) const {
    auto made = std::make_shared<Snapshot>();
    made->routes = RouteTable(std::move(routes));
    made->limits = limits_;
    return made;
  }
  Server& server() { return *server_; }
  Peer connect() { return Peer(server_->bound()); }
  /// Sends `request` on a connection of its own and returns everything until the gateway closes.
  std::string ask(std::string_view request) {
    Peer peer = connect();
    peer.send(request);
    return peer.to_end();
  }

  RecordingBus bus;

 private:
  Limits limits_;
  std::unique_ptr<net::Reactor> reactor_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

inline std::shared_ptr<Route> route_to(std::vector<Endpoint> servers, std::vector<std::shared_ptr<const Stage>> stages = {}) {
  auto upstream = std::make_shared<UpstreamSettings>();
  upstream->name = "app";
  upstream->servers = std::move(servers);
  auto route = std::make_shared<Route>();
  route->id = "app";
  route->upstream = upstream;
  route->pipeline = Pipeline(std::move(stages));
  return route;
}

/// Answers every request with its own head and body as text, keep-alive.
inline void echo(Peer& peer) {
  while (true) {
    const std::string request = peer.message();
    if (request.find("\r\n\r\n") == std::string::npos) return;
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(request.size()) + "\r\n\r\n" + request);
  }
}

inline std::string get(std::string_view path, std::string_view fields = "") {
  std::string text = "GET ";
  text.append(path).append(" HTTP/1.1\r\nHost: app.example\r\n").append(fields).append("\r\n");
  return text;
}

}  // namespace bulwark::gateway::testing
