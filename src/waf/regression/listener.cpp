// One reactor on a thread of its own; the client is this thread, one request at a time.
#include "waf/regression/listener.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "gateway/server.h"
#include "waf/regression/in_process.h"
#include "waf/regression/reflector.h"
#include "waf/stage.h"
#include "waf/transaction.h"

namespace bulwark::waf::regression {
namespace {

constexpr int kPatienceMs = 5'000;
constexpr std::size_t kMaxResponse = 4 * 1024 * 1024;

/// The bytes of the answer; empty if there is none.
std::string exchange_bytes(const Endpoint& at, std::string_view request) {
  sockaddr_storage address{};
  const unsigned size = at.to_sockaddr(address);
  const int fd = ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {};
  std::string response;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), size) == 0) {
    while (!request.empty()) {
      const ssize_t put = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
      if (put <= 0) break;
      request.remove_prefix(static_cast<std::size_t>(put));
    }
    ::shutdown(fd, SHUT_WR);  // so that a request that waits for more bytes ends as well
    char buffer[65536];
    pollfd waiting{fd, POLLIN, 0};
    while (response.size() < kMaxResponse && ::poll(&waiting, 1, kPatienceMs) == 1) {
      const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      response.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(fd);
  return response;
}

}  // namespace

struct Listener::Parts {
  std::unique_ptr<net::Reactor> reactor;
  std::unique_ptr<gateway::Server> server;
  std::shared_ptr<Reflector> reflector;
  std::thread thread;
  std::mutex mutex;
  std::string log;  ///< of transactions that ended since it was last taken
};

Listener::Listener() : parts_(std::make_unique<Parts>()) {}

Listener::~Listener() {
  if (!parts_->thread.joinable()) return;
  parts_->reactor->stop();
  parts_->thread.join();
}

Result<std::unique_ptr<Listener>> Listener::start(std::shared_ptr<const RuleSet> rules, const RouteSettings& settings) {
  std::unique_ptr<Listener> listener(new Listener);
  Parts& parts = *listener->parts_;
  const Observer note = [&parts](const Transaction& transaction) {
    const std::lock_guard lock(parts.mutex);
    parts.log += log_lines(transaction.matches());
  };
  auto route = std::make_shared<gateway::Route>();
  route->id = "regression";
  route->handler = parts.reflector = std::make_shared<Reflector>();
  route->pipeline = gateway::Pipeline({TRY(make_observed_stage(rules, settings, note))});
  auto snapshot = std::make_shared<gateway::Snapshot>();
  snapshot->routes = gateway::RouteTable({route});
  snapshot->refusals = TRY(make_observed_refusals(rules, settings, note));
  parts.reactor = TRY(net::Reactor::create());
  gateway::ListenerConfig config;
  config.at = TRY(Endpoint::parse("127.0.0.1:0"));
  config.access_events = false;
  parts.server = TRY(gateway::Server::create(std::move(config), std::move(snapshot), {parts.reactor.get()}, {}));
  parts.thread = std::thread([&parts] { parts.reactor->run(); });
  return listener;
}

Observation Listener::run(const Input& input) {
  Observation seen;
  parts_->reflector->prepare(input.runner, input.answer);
  seen.response = exchange_bytes(parts_->server->bound(), request_bytes(input));
  if (seen.response.size() > 12 && seen.response.starts_with("HTTP/1.")) seen.status = std::atoi(seen.response.c_str() + 9);
  const std::lock_guard lock(parts_->mutex);
  seen.log = std::move(parts_->log);
  parts_->log.clear();
  return seen;
}

}  // namespace bulwark::waf::regression
