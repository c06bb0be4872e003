// Reloads, certificate swaps and draining under load: nothing that was begun is lost.
#include <openssl/ssl.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "gateway/test_peers.h"
#include "net/stream.h"

namespace bulwark::gateway {
namespace {

using testing::echo;
using testing::get;
using testing::Peer;
using testing::route_to;
using testing::TestGateway;
using testing::TestUpstream;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

constexpr std::string_view kUpgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\n";

TEST(Reload, AHundredUnderLoadLoseNothing) {
  TestUpstream upstream([](Peer& peer) {
    while (true) {
      const std::string request = peer.message();
      if (!contains(request, "\r\n\r\n")) return;
      if (!contains(request, "upgrade: websocket")) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        continue;
      }
      peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      for (std::string frame = peer.exactly(4); frame.size() == 4; frame = peer.exactly(4)) peer.send(frame);
      return;
    }
  });
  const auto routes = [&] { return std::vector<std::shared_ptr<const Route>>{route_to({upstream.at()})}; };
  TestGateway gateway(routes());
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  std::atomic<int> served{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i)
    clients.emplace_back([&, i] {
      Peer client = gateway.connect();
      while (!stop) {
        client.send(i == 2 ? "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" : get("/"));
        if (contains(client.message(), "200 OK"))
          ++served;
        else
          ++failures, stop = true;
      }
    });
  clients.emplace_back([&] {
    Peer socket = gateway.connect();
    socket.send(get("/ws", kUpgrade));
    if (!contains(socket.until("\r\n\r\n"), "101 ")) ++failures;
    while (!stop) {
      socket.send("ping");
      if (socket.exactly(4) == "ping")
        ++served;
      else
        ++failures, stop = true;
    }
  });
  for (int reload = 0; reload < 100; ++reload) {
    gateway.server().reload(gateway.snapshot(routes()));
    const int before = served;
    while (served < before + 20 && !stop) std::this_thread::yield();
  }
  stop = true;
  for (auto& client : clients) client.join();
  EXPECT_EQ(failures, 0);
  EXPECT_GE(served, 2000);
}

TEST(Reload, NewRoutesHoldForTheNextRequestAndTheOldForTheCurrent) {
  std::atomic<bool> go{false};
  TestUpstream old_app([&](Peer& peer) {
    while (contains(peer.message(), "\r\n\r\n")) {
      while (!go) std::this_thread::yield();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold");
    }
  });
  TestUpstream new_app(echo);
  TestGateway gateway({route_to({old_app.at()})});
  Peer client = gateway.connect();
  client.send(get("/"));
  while (old_app.connections() == 0) std::this_thread::yield();
  gateway.server().reload(gateway.snapshot({route_to({new_app.at()})}));
  Peer other = gateway.connect();
  other.send(get("/"));
  EXPECT_TRUE(contains(other.message(), "GET / HTTP/1.1"));
  go = true;
  EXPECT_TRUE(contains(client.message(), "old"));
  client.send(get("/"));
  EXPECT_TRUE(contains(client.message(), "GET / HTTP/1.1"));
}

TEST(Drain, EndsIdleConnectionsAndFinishesExchanges) {
  std::atomic<bool> go{false};
  TestUpstream upstream([&](Peer& peer) {
    while (contains(peer.message(), "\r\n\r\n")) {
      while (!go) std::this_thread::yield();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  TestGateway gateway({route_to({upstream.at()})});
  Peer idle = gateway.connect();
  Peer busy = gateway.connect();
  busy.send(get("/"));
  while (upstream.connections() == 0) std::this_thread::yield();
  gateway.server().drain(std::chrono::seconds(10));
  EXPECT_EQ(idle.to_end(), "");
  go = true;
  const std::string answer = busy.to_end();
  EXPECT_TRUE(contains(answer, "200 OK") && contains(answer, "connection: close")) << answer;
  const int refused = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage address{};
  const unsigned size = gateway.server().bound().to_sockaddr(address);
  EXPECT_NE(::connect(refused, reinterpret_cast<sockaddr*>(&address), size), 0);
  ::close(refused);
}

TEST(Drain, EndsWhatOutlastsTheGrace) {
  TestUpstream upstream([](Peer& peer) { peer.to_end(); });
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  client.send(get("/"));
  while (upstream.connections() == 0) std::this_thread::yield();
  gateway.server().drain(std::chrono::milliseconds(30));
  EXPECT_EQ(client.to_end(), "");
}

/// Writes a fresh self-signed certificate for `name` and makes the server's TLS of it.
class Certificate {
 public:
  explicit Certificate(const std::string& name) {
    char folder[] = "/tmp/bulwark_reload_XXXXXX";
    folder_ = ::mkdtemp(folder);
    const auto made = net::make_self_signed({name}, 2).value();
    std::ofstream(folder_ + "/c.pem") << made.certificate_pem;
    std::ofstream(folder_ + "/k.pem") << made.key_pem;
    tls = net::TlsServer::create({.certificates = {{folder_ + "/c.pem", folder_ + "/k.pem"}}, .alpn = {"http/1.1"}}).value();
  }
  ~Certificate() {
    for (const char* file : {"/c.pem", "/k.pem"}) std::remove((folder_ + file).c_str());
    ::rmdir(folder_.c_str());
  }
  std::shared_ptr<const net::TlsServer> tls;

 private:
  std::string folder_;
};

/// A TLS client on a real socket, driven with patience.
class SecurePeer {
 public:
  explicit SecurePeer(const Endpoint& to) {
    stream_ = net::Stream::connect(to).value();
    EXPECT_TRUE(stream_.start_tls_client(net::TlsClient::create({.verify = false, .alpn = {"http/1.1"}}).value(), "app.example").ok());
    net::IoStatus status;
    while ((status = stream_.handshake()) == net::IoStatus::would_block) wait();
    EXPECT_EQ(status, net::IoStatus::ok) << stream_.last_failure();
  }
  std::string subject() const {
    X509* certificate = SSL_get1_peer_certificate(stream_.ssl());
    char name[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    return name;
  }
  std::string ask(std::string_view request, std::string_view until) {
    EXPECT_EQ(stream_.write(request).bytes, request.size());
    std::string text;
    while (text.find(until) == std::string::npos) {
      char buffer[4096];
      const auto got = stream_.read(buffer);
      if (got.status == net::IoStatus::ok)
        text.append(buffer, got.bytes);
      else if (got.status == net::IoStatus::would_block)
        wait();
      else
        break;
    }
    return text;
  }

 private:
  void wait() {
    pollfd poll{stream_.fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&poll, 1, testing::kPatienceMs), 1);
  }
  net::Stream stream_;
};

TEST(Reload, SwapsTheCertificateForNewConnectionsOnly) {
  TestUpstream upstream(echo);
  Certificate first("one.example");
  Certificate second("two.example");
  ListenerConfig config;
  config.tls = first.tls;
  TestGateway gateway({route_to({upstream.at()})}, config);
  SecurePeer before(gateway.server().bound());
  EXPECT_EQ(before.subject(), "one.example");
  EXPECT_TRUE(contains(before.ask(get("/a"), "proto=https"), "x-forwarded-proto: https"));
  auto snapshot = std::make_shared<Snapshot>(*gateway.snapshot({route_to({upstream.at()})}));
  snapshot->tls = second.tls;
  gateway.server().reload(snapshot);
  EXPECT_TRUE(contains(before.ask(get("/b"), "proto=https"), "GET /b"));
  SecurePeer after(gateway.server().bound());
  EXPECT_EQ(after.subject(), "two.example");
  EXPECT_TRUE(contains(after.ask(get("/c"), "proto=https"), "GET /c"));
}

TEST(Tls, GarbageIsClosedWithAnEvent) {
  TestUpstream upstream(echo);
  Certificate certificate("one.example");
  ListenerConfig config;
  config.tls = certificate.tls;
  TestGateway gateway({route_to({upstream.at()})}, config);
  Peer client = gateway.connect();
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  client.to_end();
  EXPECT_TRUE(contains(gateway.bus.rules(), "4001:tls.handshake_failed"));
}

}  // namespace
}  // namespace bulwark::gateway
