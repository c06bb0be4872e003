// Body filters: bodies rewritten on their way, streamed or whole, in both directions and over both protocols, and filters that fail.
#include "gateway/test_http2_peer.h"

namespace bulwark::gateway {
namespace {

using testing::echo;
using testing::get;
using testing::Http2Peer;
using testing::Peer;
using testing::route_to;
using testing::test_tls;
using testing::TestGateway;
using testing::TestUpstream;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Doubles every 'a' and holds back each chunk's last byte, as a filter does that looks for something longer; fails on '!'.
class Doubling final : public BodyFilter {
 public:
  Result<void> feed(std::string_view chunk, bool last, std::string& out) override {
    if (contains(chunk, "!")) return internal_error(Code::invalid, "cannot read this");
    std::string text = std::exchange(held_, {});
    for (const char c : chunk) text.append(c == 'a' ? 2 : 1, c);
    if (!last && !text.empty()) {
      held_ = text.back();
      text.pop_back();
    }
    out += last ? text + "." : text;
    return {};
  }

 private:
  std::string held_;
};

struct Wanted {
  bool request = false;
  bool response = false;
  bool whole = false;
};

class Filtering final : public Stage {
 public:
  explicit Filtering(Wanted wanted) : wanted_(wanted) {}
  const StageInfo& info() const override { return info_; }
  Result<Verdict> run(Phase phase, Exchange& exchange, std::size_t) const override {
    if (phase == Phase::request_head && wanted_.request) exchange.filter_request_body(std::make_unique<Doubling>());
    if (phase == Phase::request_head && wanted_.whole) exchange.want_request_body(1'000);
    if (phase == Phase::response_head && wanted_.response) exchange.filter_response_body(std::make_unique<Doubling>());
    if (phase == Phase::response_head && wanted_.whole) exchange.want_response_body(1'000);
    return Verdict::pass;
  }

 private:
  Wanted wanted_;
  StageInfo info_{"filtering", bit(Phase::request_head) | bit(Phase::response_head), OnError::fail_closed};
};

std::shared_ptr<Route> filtered(const TestUpstream& upstream, Wanted wanted) {
  return route_to({upstream.at()}, {std::make_shared<Filtering>(wanted)});
}

std::function<void(Peer&)> answering(std::string text) {
  return [text](Peer& peer) {
    while (contains(peer.message(), "\r\n\r\n")) peer.send(text);
  };
}

TEST(Filters, RewriteARequestOnItsWay) {
  TestUpstream upstream(echo);
  TestGateway gateway({filtered(upstream, {.request = true})});
  Peer client = gateway.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nban");
  client.send("ana");
  const std::string answer = client.message();
  EXPECT_TRUE(contains(answer, "transfer-encoding: chunked")) << answer;  // nobody knows the length beforehand
  EXPECT_FALSE(contains(answer.substr(answer.find("\r\n\r\n")), "content-length"));
  std::string body;
  for (std::size_t at = answer.rfind("\r\n\r\n", answer.size() - 5) + 4; at < answer.size();) {
    const std::size_t size = std::stoul(answer.substr(at), nullptr, 16);
    const std::size_t data = answer.find("\r\n", at) + 2;
    body += answer.substr(data, size);
    at = data + size + 2;
  }
  EXPECT_EQ(body, "baanaanaa.");
}

TEST(Filters, RewriteAWholeRequestWithItsLength) {
  TestUpstream upstream(echo);
  TestGateway gateway({filtered(upstream, {.request = true, .whole = true})});
  Peer client = gateway.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nbanana");
  const std::string answer = client.message();
  EXPECT_TRUE(contains(answer, "content-length: 10\r\n\r\nbaanaanaa.")) << answer;
}

TEST(Filters, RewriteAResponseOfAnyFraming) {
  for (const std::string head :
       {"Content-Length: 6\r\n\r\nbanana", "Transfer-Encoding: chunked\r\n\r\n3\r\nban\r\n3\r\nana\r\n0\r\n\r\n"}) {
    for (const bool whole : {false, true}) {
      TestUpstream upstream(answering("HTTP/1.1 200 OK\r\n" + head));
      TestGateway gateway({filtered(upstream, {.response = true, .whole = whole})}, {.tls = test_tls()});
      Http2Peer client(gateway.server().bound());
      client.request(1, Http2Peer::get("/"));
      const auto answer = client.answer(1);
      EXPECT_EQ(answer.body, "baanaanaa.") << head << whole;
      EXPECT_EQ(answer.field("content-length"), "");
    }
  }
}

TEST(Filters, TellNoLengthForAnAnswerToHead) {
  TestUpstream upstream(answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"));
  TestGateway gateway({filtered(upstream, {.response = true})});
  Peer client = gateway.connect();
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = client.message(true);
  EXPECT_TRUE(contains(answer, "200 OK")) << answer;
  EXPECT_FALSE(contains(answer, "content-length"));
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");  // no stray body stands between the two
  EXPECT_TRUE(client.message(true).starts_with("HTTP/1.1 200 OK"));
}

TEST(Filters, ThatFailLetNothingPass) {
  std::atomic<int> whole_requests{0};
  TestUpstream upstream([&](Peer& peer) {
    const std::string request = peer.message();
    if (contains(request, "\r\n0\r\n\r\n") || contains(request, "content-length: ")) ++whole_requests;
  });
  for (const bool whole : {false, true}) {
    TestGateway gateway({filtered(upstream, {.request = true, .whole = whole})});
    const std::string answer = gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6\r\n\r\nban!na");
    EXPECT_TRUE(contains(answer, "502 Bad Gateway")) << answer;
    EXPECT_TRUE(contains(gateway.bus.rules(), "4002:edge.body_filter_failed")) << gateway.bus.rules();
  }
  EXPECT_EQ(whole_requests, 0);
}

TEST(Filters, ThatFailInAResponseCutItOff) {
  TestUpstream upstream(answering("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nban!na"));
  TestGateway gateway({filtered(upstream, {.response = true})});
  const std::string answer = gateway.ask(get("/", "Connection: close\r\n"));
  EXPECT_FALSE(contains(answer, "ban"));
  EXPECT_FALSE(contains(answer, "0\r\n\r\n")) << answer;  // nobody takes it for a whole one
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:edge.body_filter_failed"));
}

}  // namespace
}  // namespace bulwark::gateway
