// WebSocket tunnels and streams that never end: bytes leave at once, and a slow reader slows the writer instead of filling memory.
#include "gateway/test_peers.h"

namespace bulwark::gateway {
namespace {

using testing::get;
using testing::Peer;
using testing::route_to;
using testing::TestGateway;
using testing::TestUpstream;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

constexpr std::string_view kUpgrade =
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n";

TEST(Tunnel, CarriesBytesBothWaysAfterTheSwitch) {
  TestUpstream upstream([](Peer& peer) {
    const std::string request = peer.until("\r\n\r\n");
    if (!contains(request, "connection: upgrade\r\nupgrade: websocket\r\n")) return;
    peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nearly");
    while (true) {
      const std::string frame = peer.exactly(4);
      if (frame.size() < 4) break;
      peer.send("<" + frame + ">");
    }
    peer.send("bye");
  });
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  client.send(get("/socket", kUpgrade) + "fram");
  const std::string head = client.until("\r\n\r\n");
  EXPECT_TRUE(contains(head, "101 Switching Protocols")) << head;
  EXPECT_TRUE(contains(head, "Sec-WebSocket-Accept: x\r\n"));
  EXPECT_TRUE(contains(head, "connection: upgrade\r\nupgrade: websocket\r\n"));
  EXPECT_EQ(client.exactly(11), "early<fram>");
  for (int i = 0; i < 100; ++i) {
    client.send("ping");
    ASSERT_EQ(client.exactly(6), "<ping>");
  }
  client.half_close();
  EXPECT_EQ(client.to_end(), "bye");
}

TEST(Tunnel, IsNotMadeUnasked) {
  TestUpstream upstream([](Peer& peer) {
    peer.message();
    peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    peer.to_end();
  });
  TestGateway gateway({route_to({upstream.at()})});
  EXPECT_TRUE(contains(gateway.ask(get("/", "Connection: close\r\n")), "502 Bad Gateway"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "2004:upstream.http.switch_unasked"));
}

TEST(Tunnel, EndsAfterSilence) {
  TestUpstream upstream([](Peer& peer) {
    peer.until("\r\n\r\n");
    peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    peer.to_end();
  });
  auto route = route_to({upstream.at()});
  route->limits.idle_timeout = std::chrono::milliseconds(50);
  TestGateway gateway({route});
  EXPECT_TRUE(contains(gateway.ask(get("/", kUpgrade)), "101 "));
}

TEST(Streaming, ServerSentEventsLeaveAtOnce) {
  std::atomic<int> step{0};
  TestUpstream upstream([&](Peer& peer) {
    peer.message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    for (int i = 0; i < 3; ++i) {
      while (step <= i) std::this_thread::yield();  // the client has what was sent before
      peer.send("data: " + std::to_string(i) + "\n\n");
    }
  });
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  client.send(get("/events"));
  EXPECT_TRUE(contains(client.until("\r\n\r\n"), "200 OK"));
  for (int i = 0; i < 3; ++i) {
    ++step;
    EXPECT_TRUE(contains(client.until("\n\n"), "data: " + std::to_string(i)));
  }
  EXPECT_TRUE(contains(client.until("0\r\n\r\n"), "0\r\n\r\n"));
}

TEST(Streaming, ASlowReaderSlowsTheServer) {
  constexpr std::size_t kTotal = 64 * 1024 * 1024;
  std::atomic<std::size_t> sent{0};
  TestUpstream upstream([&](Peer& peer) {
    peer.message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kTotal) + "\r\n\r\n");
    const std::string piece(64 * 1024, 'x');
    while (sent < kTotal && peer.send(piece)) sent += piece.size();
    peer.to_end();
  });
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  client.send(get("/big"));
  client.until("\r\n\r\n");
  // The client reads nothing: what was sent must come to rest at what sockets and the gateway's bounded buffers hold.
  std::size_t before = 0;
  for (int still = 0; still < 20;) {
    const std::size_t now = sent;
    still = now == before ? still + 1 : 0;
    before = now;
    pollfd nothing{-1, 0, 0};
    ::poll(&nothing, 1, 10);
  }
  EXPECT_LT(before, kTotal / 2);
  EXPECT_EQ(client.exactly(kTotal).size(), kTotal);
}

TEST(Streaming, ASlowServerSlowsTheUploader) {
  constexpr std::size_t kTotal = 64 * 1024 * 1024;
  std::atomic<bool> read{false};
  TestUpstream upstream([&](Peer& peer) {
    peer.until("\r\n\r\n");
    while (!read) std::this_thread::yield();
    const std::size_t got = peer.exactly(kTotal).size();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" + std::to_string(got));
  });
  auto route = route_to({upstream.at()});
  route->limits.max_body_bytes = kTotal;
  TestGateway gateway({route});
  Peer client = gateway.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(kTotal) + "\r\n\r\n");
  std::atomic<std::size_t> sent{0};
  std::thread sender([&] {
    const std::string piece(64 * 1024, 'x');
    while (sent < kTotal && client.send(piece)) sent += piece.size();
  });
  std::size_t before = 0;
  for (int still = 0; still < 20;) {
    const std::size_t now = sent;
    still = now == before ? still + 1 : 0;
    before = now;
    pollfd nothing{-1, 0, 0};
    ::poll(&nothing, 1, 10);
  }
  EXPECT_LT(before, kTotal / 2);
  read = true;
  sender.join();
  EXPECT_TRUE(contains(client.message(), std::to_string(kTotal)));
}

TEST(Streaming, TellsTheServerThatTheClientLeft) {
  std::atomic<bool> told{false};
  TestUpstream upstream([&](Peer& peer) {
    peer.message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    while (peer.send("data: x\n\n") && !told) {
      pollfd poll{peer.fd(), POLLIN, 0};
      told = ::poll(&poll, 1, 5) == 1;
    }
    told = true;
  });
  TestGateway gateway({route_to({upstream.at()})});
  {
    Peer client = gateway.connect();
    client.send(get("/events"));
    client.until("data: x\n\n");
  }
  while (!told) std::this_thread::yield();
  while (!contains(gateway.bus.rules(), "4002:edge.client_gone")) std::this_thread::yield();
}

}  // namespace
}  // namespace bulwark::gateway
