// The outbound client against a real server that answers word for word as told, in clear and under TLS.
#include "net/http_client.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <future>
#include <thread>

#include "net/stream.h"
#include "net/url.h"

namespace bulwark::net {
namespace {

using namespace std::chrono_literals;

/// Accepts one connection after another, reads one request head of each, and sends `answer`; then closes, or holds on.
class Server {
 public:
  Server(std::string answer, bool close_after = true, std::shared_ptr<const TlsServer> tls = nullptr)
      : listener_(Listener::listen(*Endpoint::parse("127.0.0.1:0")).value()),
        answer_(std::move(answer)),
        close_(close_after),
        tls_(std::move(tls)),
        thread_([this] { serve(); }) {}
  ~Server() {
    stop_.set_value();
    (void)Stream::connect(listener_.bound()).ok();  // wakes accept(), and is gone again
    thread_.join();
  }
  std::string url(std::string_view path = "/keys") const {
    return (tls_ ? "https://localhost:" : "http://127.0.0.1:") + std::to_string(listener_.bound().port) + std::string(path);
  }
  std::string seen() const { return seen_; }

 private:
  static void wait(int fd, short events) {
    pollfd poll{fd, events, 0};
    ::poll(&poll, 1, 5000);
  }
  void serve() {
    while (stopped_.wait_for(0s) != std::future_status::ready) {
      wait(listener_.fd(), POLLIN);
      Endpoint peer;
      auto stream = listener_.accept(peer);
      if (stream.ok() && stream->open()) answer(*stream);
    }
  }
  void answer(Stream& stream) {
    if (tls_) {
      if (!stream.start_tls_server(tls_).ok()) return;
      IoStatus status;
      while ((status = stream.handshake()) == IoStatus::would_block) wait(stream.fd(), POLLIN);
      if (status != IoStatus::ok) return;
    }
    char bytes[4096];
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      const IoResult got = stream.read(bytes);
      if (got.status == IoStatus::would_block)
        wait(stream.fd(), POLLIN);
      else if (got.status != IoStatus::ok)
        return;
      head.append(bytes, got.bytes);
    }
    seen_ = head;
    std::string_view left = answer_;
    while (!left.empty()) {
      const IoResult put = stream.write(left);
      if (put.status == IoStatus::would_block)
        wait(stream.fd(), POLLOUT);
      else if (put.status != IoStatus::ok)
        return;
      left.remove_prefix(put.bytes);
    }
    if (close_)
      stream.shutdown_write();
    else
      held_.push_back(std::move(stream));
  }

  Listener listener_;
  std::string answer_;
  bool close_;
  std::shared_ptr<const TlsServer> tls_;
  std::string seen_;
  std::vector<Stream> held_;
  std::promise<void> stop_;
  std::future<void> stopped_ = stop_.get_future();
  std::thread thread_;
};

Result<HttpResponse> fetch(HttpClient& client, HttpRequest request) {
  std::promise<Result<HttpResponse>> answer;
  client.send(std::move(request), [&](Result<HttpResponse> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

Result<HttpResponse> answer_to(const std::string& raw, std::size_t max_body = 1024) {
  const Server server(raw);
  const auto client = HttpClient::create().value();
  return fetch(*client, {.url = server.url(), .timeout = 3s, .max_body_bytes = max_body});
}

TEST(HttpClient, AsksAndReadsEachKindOfBody) {
  const Server server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-A: b\r\n\r\nbody");
  const auto client = HttpClient::create().value();
  const auto answer = fetch(*client, {.method = "POST", .url = server.url("/a?b=c"), .headers = {{"X-Id", "7"}}, .body = "hi"});
  ASSERT_TRUE(answer.ok()) << to_string(answer.error());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "body");
  EXPECT_EQ(answer->headers.back().second, "b");
  const std::string host = server.url("").substr(7);
  EXPECT_EQ(server.seen().substr(0, server.seen().find("\r\n\r\n")),
            "POST /a?b=c HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nX-Id: 7\r\nContent-Length: 2");
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")->body, "abcde");
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\n\r\nuntil close")->body, "until close");
  EXPECT_EQ(answer_to("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")->status, 204);
  EXPECT_EQ(answer_to("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n")->status, 302);
}

TEST(HttpClient, RefusesWhatIsNotWholeStrictOrSmall) {
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort").error().code, Code::unavailable);
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").error().code, Code::invalid);
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\nContent-Length: 0\n\n").error().code, Code::invalid);
  EXPECT_EQ(answer_to("SSH-2.0-OpenSSH\r\n\r\n").error().code, Code::invalid);
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n").error().code, Code::too_large);
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\n\r\n" + std::string(2000, 'x')).error().code, Code::too_large);
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" + std::string(0xfff, 'x')).error().code,
            Code::too_large);
  EXPECT_EQ(answer_to("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n").error().code, Code::invalid);
  EXPECT_EQ(answer_to("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n").error().code, Code::invalid);
  std::string hints;
  for (int i = 0; i < 20; ++i) hints += "HTTP/1.1 103 Early Hints\r\n\r\n";
  EXPECT_EQ(answer_to(hints + "HTTP/1.1 204 No Content\r\n\r\n").error().code, Code::invalid);
  EXPECT_EQ(answer_to("").error().code, Code::unavailable);
}

TEST(HttpClient, GivesUpInTimeAndOnRequest) {
  const Server silent("HTTP/1.1 200 OK\r\n", false);
  const auto client = HttpClient::create().value();
  EXPECT_EQ(fetch(*client, {.url = silent.url(), .timeout = 50ms}).error().code, Code::timeout);
  std::promise<Code> cancelled;
  const auto ticket = client->send({.url = silent.url()}, [&](Result<HttpResponse> r) { cancelled.set_value(r.error().code); });
  client->cancel(ticket);
  EXPECT_EQ(cancelled.get_future().get(), Code::cancelled);
}

TEST(HttpClient, CancelsWhatIsInFlightWhenDestroyed) {
  const Server silent("", false);
  auto client = HttpClient::create().value();
  std::atomic<int> cancelled{0};
  for (int i = 0; i < 3; ++i)
    client->send({.url = silent.url()}, [&](Result<HttpResponse> r) { cancelled += r.error().code == Code::cancelled ? 1 : 0; });
  client.reset();
  EXPECT_EQ(cancelled, 3);
}

TEST(HttpClient, BoundsWhatIsInFlight) {
  const Server silent("", false);
  auto client = HttpClient::create().value();
  std::promise<Code> refused;
  for (std::size_t i = 0; i < HttpClient::kMaxInFlight; ++i) client->send({.url = silent.url()}, [](const auto&) {});
  client->send({.url = silent.url()}, [&](Result<HttpResponse> r) { refused.set_value(r.error().code); });
  EXPECT_EQ(refused.get_future().get(), Code::exhausted);
}

TEST(HttpClient, SaysWhenNobodyListensOrTheRequestIsBad) {
  Endpoint closed;
  {
    const auto listener = Listener::listen(*Endpoint::parse("127.0.0.1:0")).value();
    closed = listener.bound();
  }
  const auto client = HttpClient::create().value();
  EXPECT_EQ(fetch(*client, {.url = "http://" + closed.text() + "/"}).error().code, Code::unavailable);
  EXPECT_EQ(fetch(*client, {.url = "ftp://x/"}).error().origin, Origin::config);
  EXPECT_EQ(fetch(*client, {.url = "http://x/", .headers = {{"A", "b\r\nC: d"}}}).error().origin, Origin::config);
  EXPECT_EQ(fetch(*client, {.url = "http://name.invalid/", .timeout = 20s}).error().code, Code::unavailable);
}

TEST(HttpClient, TrustsOnlyCertificatesItCanVerify) {
  char folder[] = "/tmp/bulwark_client_XXXXXX";
  ASSERT_NE(::mkdtemp(folder), nullptr);
  const std::string certificate = std::string(folder) + "/c.pem";
  const std::string key = std::string(folder) + "/k.pem";
  for (const auto* name : {"localhost", "other.example"}) {
    const auto made = make_self_signed({name}, 2).value();
    std::ofstream(certificate) << made.certificate_pem;
    std::ofstream(key) << made.key_pem;
    const Server server("HTTP/1.1 200 OK\r\n\r\nsecret", true, TlsServer::create({.certificates = {{certificate, key}}}).value());
    const auto client = HttpClient::create().value();
    EXPECT_EQ(fetch(*client, {.url = server.url()}).error().code, Code::denied) << "not in the system's trust store";
    const auto answer = fetch(*client, {.url = server.url(), .ca_file = certificate});
    EXPECT_EQ(answer.ok(), std::string_view(name) == "localhost") << name;
    if (answer.ok()) {
      EXPECT_EQ(answer->body, "secret");
    }
  }
  std::remove(certificate.c_str());
  std::remove(key.c_str());
  ::rmdir(folder);
}

TEST(Url, IsReadStrictly) {
  const auto url = Url::parse("https://Login.Example.com/jwks?v=1").value();
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "login.example.com");
  EXPECT_EQ(url.port, 443);
  EXPECT_EQ(url.target, "/jwks?v=1");
  EXPECT_EQ(url.authority(), "login.example.com");
  EXPECT_EQ(Url::parse("http://[::1]:8080")->authority(), "[::1]:8080");
  EXPECT_EQ(Url::parse("http://a?b")->target, "/?b");
  for (const auto* bad : {"", "a", "//a/", "ftp://a/", "http://", "http:///x", "http://u:p@a/", "http://a:0/", "http://a:70000/",
                          "http://a:/", "http://a:8x/", "http://a/ b", "http://a/#f", "http://a/\r\nX: y", "http://[::1/", "http://[a]/",
                          "http://a\\b/", "http://a/\\b", "HTTP://a/"})
    EXPECT_FALSE(Url::parse(bad).ok()) << bad;
}

}  // namespace
}  // namespace bulwark::net
