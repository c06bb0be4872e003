// Slow, large and too many: every wait and every size has its end, with a clear status and an event.
#include <sys/resource.h>

#include "gateway/test_peers.h"

namespace bulwark::gateway {
namespace {

using std::chrono::milliseconds;
using testing::echo;
using testing::get;
using testing::Peer;
using testing::route_to;
using testing::TestGateway;
using testing::TestUpstream;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST(Limits, SlowHeads) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})}, {}, {}, {.header_timeout = milliseconds(50)});
  Peer client = gateway.connect();
  client.send("GET / HTTP/1.1\r\nHos");
  EXPECT_TRUE(contains(client.to_end(), "408 Request Timeout"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:http.head_timeout"));
}

TEST(Limits, SlowBodies) {
  TestUpstream upstream(echo);
  auto route = route_to({upstream.at()});
  route->limits.body_timeout = milliseconds(50);
  TestGateway gateway({route});
  Peer client = gateway.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_TRUE(contains(client.to_end(), "408 Request Timeout"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:edge.body_timeout"));
}

TEST(Limits, IdleConnections) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})}, {}, {}, {.idle_timeout = milliseconds(50)});
  Peer client = gateway.connect();
  client.send(get("/"));
  EXPECT_TRUE(contains(client.message(), "200 OK"));
  EXPECT_EQ(client.to_end(), "");
}

/// A server whose queue of waiting connections is full: the next one's handshake never ends.
class FullServer {
 public:
  FullServer() {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_storage address{};
    socklen_t size = Endpoint::parse("127.0.0.1:0").value().to_sockaddr(address);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd_, 0), 0);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    at_ = Endpoint::from_sockaddr(reinterpret_cast<sockaddr*>(&address));
    first_ = std::make_unique<Peer>(at_);
  }
  ~FullServer() { ::close(fd_); }
  const Endpoint& at() const { return at_; }

 private:
  int fd_ = -1;
  Endpoint at_;
  std::unique_ptr<Peer> first_;
};

TEST(Limits, ServersThatDoNotAccept) {
  const FullServer server;
  auto route = route_to({server.at()});
  auto settings = std::make_shared<UpstreamSettings>(*route->upstream);
  settings->connect_timeout = milliseconds(50);
  route->upstream = settings;
  TestGateway gateway({route});
  EXPECT_TRUE(contains(gateway.ask(get("/", "Connection: close\r\n")), "502 Bad Gateway"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:upstream.connect_failed"));
  EXPECT_EQ(gateway.bus.records().back().message, "connecting took too long");
}

TEST(Limits, AnswersThatStop) {
  TestUpstream upstream([](Peer& peer) {
    (void)peer.message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe beginning");
    (void)peer.to_end();
  });
  auto route = route_to({upstream.at()});
  route->limits.upstream_timeout = milliseconds(50);
  TestGateway gateway({route});
  const std::string answer = gateway.ask(get("/"));
  EXPECT_TRUE(contains(answer, "200 OK")) << answer;
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:upstream.response_cut")) << gateway.bus.rules();
}

TEST(Limits, ClientsThatDoNotRead) {
  TestUpstream upstream([](Peer& peer) {
    (void)peer.message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
    const std::string chunk(1 << 20, 'x');
    while (peer.send(chunk)) continue;
  });
  auto route = route_to({upstream.at()});
  route->limits.body_timeout = milliseconds(50);
  TestGateway gateway({route});
  Peer client = gateway.connect();
  client.send(get("/"));
  const auto told = [&] { return contains(gateway.bus.rules(), "4002:edge.client_gone"); };
  for (const auto end = std::chrono::steady_clock::now() + milliseconds(testing::kPatienceMs); !told();) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    std::this_thread::yield();
  }
  EXPECT_EQ(gateway.bus.records().back().message, "the client does not read");
}

TEST(Limits, LargeBodies) {
  TestUpstream upstream(echo);
  auto route = route_to({upstream.at()});
  route->limits.max_body_bytes = 10;
  TestGateway gateway({route});
  EXPECT_TRUE(contains(gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"), "413 "));
  EXPECT_TRUE(contains(gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                   "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n"),
                       "413 "));
}

TEST(Limits, LargeHeads) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})});
  EXPECT_TRUE(contains(gateway.ask(get("/", "X: " + std::string(40'000, 'a') + "\r\n")), "431 "));
  EXPECT_TRUE(contains(gateway.ask("GET /" + std::string(10'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), "414 "));
  Peer client = gateway.connect();
  client.send(get("/", "X: " + std::string(30'000, 'a') + "\r\n"));  // within limits, and larger than a buffer
  EXPECT_TRUE(contains(client.message(), "200 OK"));
}

TEST(Limits, TooManyConnections) {
  TestUpstream upstream(echo);
  ListenerConfig config;
  config.max_connections_per_worker = 2;
  TestGateway gateway({route_to({upstream.at()})}, config);
  Peer a = gateway.connect();
  Peer b = gateway.connect();
  b.send(get("/"));
  EXPECT_TRUE(contains(b.message(), "200 OK"));
  Peer c = gateway.connect();
  EXPECT_EQ(c.to_end(), "");
  EXPECT_TRUE(contains(gateway.bus.rules(), "6002:edge.connections_exhausted"));
  a.send(get("/"));
  EXPECT_TRUE(contains(a.message(), "200 OK"));
}

TEST(Limits, OutOfDescriptors) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})});
  Peer before = gateway.connect();
  before.send(get("/"));
  EXPECT_TRUE(contains(before.message(), "200 OK"));
  const int waiting = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlimit tight{static_cast<rlim_t>(waiting) + 1, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  sockaddr_storage address{};
  const unsigned size = gateway.server().bound().to_sockaddr(address);
  ASSERT_EQ(::connect(waiting, reinterpret_cast<sockaddr*>(&address), size), 0);
  Peer late(waiting);
  late.send(get("/"));
  while (!contains(gateway.bus.rules(), "6002:edge.descriptors_exhausted")) std::this_thread::yield();
  before.send(get("/"));  // service to others goes on
  EXPECT_TRUE(contains(before.message(), "200 OK"));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_TRUE(contains(late.message(), "200 OK"));
}

TEST(Limits, HalfClosedClientsGetTheirAnswer) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  client.send(get("/"));
  client.half_close();
  EXPECT_TRUE(contains(client.to_end(), "200 OK"));
}

TEST(Limits, ATrustedProxyNamesTheClient) {
  TestUpstream upstream(echo);
  ListenerConfig config;
  config.trusted_proxies = {IpPrefix::parse("127.0.0.0/8").value(), IpPrefix::parse("10.0.0.0/8").value()};
  TestGateway gateway({route_to({upstream.at()})}, config);
  Peer client = gateway.connect();
  client.send(get("/", "X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nX-Forwarded-For: 10.1.1.1\r\n"));
  EXPECT_TRUE(contains(client.message(), "x-forwarded-for: 203.0.113.9\r\n"));
}

}  // namespace
}  // namespace bulwark::gateway
