// The data plane alone, composed as `bulwark serve` composes it, for measurements: one worker, one upstream, in clear and under
// TLS. With --full also ten routes, identity, limits and access events into a spool.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "events/bus.h"
#include "gateway/server.h"
#include "limits/stage.h"

namespace {

using namespace bulwark;

template <class T>
T must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", to_string(result.error()).c_str());
    std::exit(1);
  }
  return std::move(result).value();
}

std::shared_ptr<const gateway::Route> route(std::string id, std::string prefix, std::shared_ptr<const gateway::UpstreamSettings> upstream,
                                            std::vector<std::shared_ptr<const gateway::Stage>> stages) {
  auto made = std::make_shared<gateway::Route>();
  made->id = std::move(id);
  made->path_prefix = std::move(prefix);
  made->upstream = std::move(upstream);
  made->limits.idle_timeout = std::chrono::minutes(10);
  made->pipeline = gateway::Pipeline(std::move(stages));
  return made;
}

gateway::RouteTable routes(std::shared_ptr<const gateway::UpstreamSettings> upstream, bool full, const control::Table& control) {
  std::vector<std::shared_ptr<const gateway::Route>> list;
  // Not in the plain cases: memory that it gives back would hide what connections take.
  const auto budgets = full ? std::make_shared<limits::Budgets>() : nullptr;
  for (int i = 0; i < (full ? 10 : 1); ++i) {
    const std::string prefix = i == 0 ? "/" : "/r" + std::to_string(i);
    std::vector<std::shared_ptr<const gateway::Stage>> stages;
    if (full)
      stages.push_back(std::make_shared<limits::LimitStage>(
          prefix, limits::RouteSettings{.rates = {{.name = "clients", .limit = 1'000'000}}}, budgets, &control));
    list.push_back(route(prefix, prefix, upstream, std::move(stages)));
  }
  return gateway::RouteTable(std::move(list));
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; i += 2) options[argv[i]] = argv[i + 1];
  const bool full = options.contains("--full");

  auto upstream = std::make_shared<gateway::UpstreamSettings>();
  upstream->name = "app";
  upstream->servers = {must(Endpoint::parse(options["--upstream"]))};
  upstream->max_idle_per_worker = 256;

  const auto control = must(control::Table::create(nullptr));
  std::unique_ptr<events::Bus> bus;
  if (full) {
    bus = must(events::Bus::create({.directory = options["--full"]}, nullptr));
    if (!bus->start().ok()) return 1;
  }
  auto reactor = must(net::Reactor::create());
  std::vector<std::unique_ptr<gateway::Server>> servers;
  for (const auto* listener : {"--plain", "--tls"}) {
    std::shared_ptr<const net::TlsServer> tls;
    if (std::string_view(listener) == "--tls")
      tls = must(net::TlsServer::create({.certificates = {{options["--certificate"], options["--key"]}}}));
    auto snapshot = std::make_shared<gateway::Snapshot>();
    snapshot->routes = routes(upstream, full, *control);
    snapshot->tls = tls;
    servers.push_back(
        must(gateway::Server::create({.at = must(Endpoint::parse("127.0.0.1:" + options[listener])), .tls = tls, .access_events = full},
                                     snapshot, {reactor.get()}, {.bus = bus.get(), .control = control.get()})));
  }
  static net::Reactor* running = reactor.get();
  std::signal(SIGTERM, [](int) { running->stop(); });
  reactor->run();
  return 0;
}
