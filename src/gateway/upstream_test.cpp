// Several servers: turns, failures, setting aside, health checks, stale connections, retries.
#include "gateway/test_peers.h"

namespace bulwark::gateway {
namespace {

using testing::echo;
using testing::get;
using testing::kPatienceMs;
using testing::Peer;
using testing::route_to;
using testing::TestGateway;
using testing::TestUpstream;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::function<void(Peer&)> named(std::string name) {
  return [name](Peer& peer) {
    while (contains(peer.message(), "\r\n\r\n")) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + name);
  };
}

std::string ask(TestGateway& gateway, std::string_view request = get("/")) {
  Peer client = gateway.connect();
  client.send(request);
  return client.message();
}

/// A copy whose upstream can be changed.
std::shared_ptr<Route> with(std::vector<Endpoint> servers, const std::function<void(UpstreamSettings&)>& change) {
  auto route = route_to(std::move(servers));
  auto settings = std::make_shared<UpstreamSettings>(*route->upstream);
  change(*settings);
  route->upstream = settings;
  return route;
}

TEST(Upstream, TakesTurns) {
  TestUpstream a(named("a"));
  TestUpstream b(named("b"));
  TestUpstream c(named("c"));
  TestGateway gateway({route_to({a.at(), b.at(), c.at()})});
  std::string order;
  for (int i = 0; i < 30; ++i) order += ask(gateway).back();
  for (const char name : {'a', 'b', 'c'}) EXPECT_EQ(std::count(order.begin(), order.end(), name), 10) << order;
}

TEST(Upstream, PrefersTheLeastBusy) {
  std::mutex gate;
  gate.lock();
  TestUpstream slow([&](Peer& peer) {
    if (!contains(peer.message(), "\r\n\r\n")) return;
    const std::lock_guard wait(gate);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ns");
  });
  TestUpstream quick(named("q"));
  TestGateway gateway({route_to({slow.at(), quick.at()})});
  std::vector<Peer> waiting;
  for (int i = 0; i < 2; ++i) {
    waiting.push_back(gateway.connect());
    waiting.back().send(get("/"));
  }
  // Whichever of the two went to the slow one keeps it busy: all later ones go to the other.
  std::string order;
  while (slow.connections() == 0) std::this_thread::yield();
  for (int i = 0; i < 10; ++i) order += ask(gateway).back();
  EXPECT_EQ(order, "qqqqqqqqqq");
  gate.unlock();
}

TEST(Upstream, GoesRoundADeadServerAndSetsItAside) {
  Endpoint dead;
  { dead = TestUpstream(echo).at(); }
  TestUpstream alive(named("a"));
  TestGateway gateway({route_to({dead, alive.at()})});
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(contains(ask(gateway), "200 OK"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "6002:upstream.set_aside")) << gateway.bus.rules();
}

TEST(Upstream, ActiveChecksTakeAServerOutAndBackIn) {
  std::atomic<bool> well{true};
  const auto serve = [&](Peer& peer) {
    while (true) {
      const std::string request = peer.message();
      if (!contains(request, "\r\n\r\n")) return;
      const bool check = contains(request, "GET /health ");
      peer.send(check && !well ? "HTTP/1.1 500 Sick\r\nContent-Length: 0\r\n\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  };
  TestUpstream upstream(serve);
  TestGateway gateway({with({upstream.at()}, [](UpstreamSettings& settings) {
    settings.health_path = "/health";
    settings.health_interval = std::chrono::milliseconds(20);
    settings.fail_threshold = 2;
  })});
  const auto eventually = [&](std::string_view status) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
    while (std::chrono::steady_clock::now() < until)
      if (contains(ask(gateway), status)) return true;
    return false;
  };
  EXPECT_TRUE(eventually("200 OK"));
  well = false;
  EXPECT_TRUE(eventually("503 Service Unavailable"));
  well = true;
  EXPECT_TRUE(eventually("200 OK"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "6002:upstream.down"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "6002:upstream.up"));
}

// Each connection serves one request and closes without saying so: the pooled one is always stale.
TEST(Upstream, RetriesIdempotentRequestsOnStaleConnections) {
  TestUpstream upstream([](Peer& peer) {
    if (!contains(peer.message(), "\r\n\r\n")) return;
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    peer.message();  // the next request comes, and then this end closes
  });
  TestGateway gateway({route_to({upstream.at()})});
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(contains(ask(gateway), "200 OK")) << i;
  EXPECT_TRUE(contains(ask(gateway, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"), "502 Bad Gateway"));
}

TEST(Upstream, TriesAnotherServerWhenOneDiesBeforeItAnswers) {
  TestUpstream dying([](Peer& peer) { (void)peer.message(); });
  TestUpstream alive(named("a"));
  TestGateway gateway({with({dying.at(), alive.at()}, [](UpstreamSettings& settings) { settings.fail_threshold = 1'000; })});
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(contains(ask(gateway), "200 OK")) << i;
  EXPECT_GT(dying.connections(), 0);
}

TEST(Upstream, StopsARequestThatKillsServers) {
  TestUpstream a([](Peer& peer) { (void)peer.message(); });
  TestUpstream b([](Peer& peer) { (void)peer.message(); });
  TestUpstream c([](Peer& peer) { (void)peer.message(); });
  TestGateway gateway({route_to({a.at(), b.at(), c.at()})});
  EXPECT_TRUE(contains(ask(gateway), "502 Bad Gateway"));
  EXPECT_EQ(a.connections() + b.connections() + c.connections(), 2);
}

TEST(Upstream, NeverSendsAPostTwice) {
  std::atomic<int> posts{0};
  TestUpstream upstream([&](Peer& peer) {
    if (contains(peer.message(), "POST")) ++posts;
  });
  TestGateway gateway({route_to({upstream.at()})});
  EXPECT_TRUE(contains(ask(gateway, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"), "502 Bad Gateway"));
  EXPECT_EQ(posts, 1);
}

TEST(Upstream, TimesOutServersThatDoNotAnswer) {
  TestUpstream upstream([](Peer& peer) { peer.to_end(); });
  auto route = route_to({upstream.at()});
  route->limits.upstream_timeout = std::chrono::milliseconds(50);
  TestGateway gateway({route});
  EXPECT_TRUE(contains(ask(gateway), "504 Gateway Timeout"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:upstream.timeout"));
}

TEST(Upstream, CutsResponsesThatStopShort) {
  TestUpstream upstream([](Peer& peer) {
    peer.message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  TestGateway gateway({route_to({upstream.at()})});
  const std::string answer = gateway.ask(get("/"));
  EXPECT_FALSE(contains(answer, "HTTP/1.1 502"));  // the digits alone may stand in a request id
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:upstream.response_cut")) << answer;
}

}  // namespace
}  // namespace bulwark::gateway
