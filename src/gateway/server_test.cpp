// The gateway with real sockets: forwarding, refusing, streaming, stages, handlers, failures.
#include "gateway/server.h"

#include "gateway/test_peers.h"

namespace bulwark::gateway {
namespace {

using testing::echo;
using testing::get;
using testing::Peer;
using testing::route_to;
using testing::TestGateway;
using testing::TestUpstream;

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST(Gateway, ForwardsAndKeepsConnectionsOnBothSides) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  for (int i = 0; i < 5; ++i) {
    client.send(
        get("/a%20b?x=1&y={}", "X-Mine: 1\r\nConnection: X-Gone\r\nX-Gone: 1\r\nX-Forwarded-For: 6.6.6.6\r\nx_real_ip: 6.6.6.6\r\n"));
    const std::string answer = client.message();
    EXPECT_TRUE(contains(answer, "HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(contains(answer, "GET /a%20b?x=1&y=%7B%7D HTTP/1.1\r\nhost: app.example\r\nX-Mine: 1\r\n")) << answer;
    EXPECT_TRUE(contains(answer, "x-forwarded-for: 127.0.0.1\r\nx-forwarded-proto: http\r\n"));
    EXPECT_TRUE(contains(answer, "forwarded: for=127.0.0.1;host=\"app.example\";proto=http\r\n"));
    EXPECT_TRUE(contains(answer, "traceparent: 00-"));
    EXPECT_TRUE(contains(answer, "x-request-id: "));
    EXPECT_FALSE(contains(answer, "6.6.6.6"));
    EXPECT_FALSE(contains(answer, "X-Gone"));
  }
  EXPECT_EQ(upstream.connections(), 1);
  EXPECT_EQ(gateway.server().counters().connections, 1U);
  EXPECT_EQ(gateway.server().counters().requests, 5U);
}

TEST(Gateway, NamesTheServerAsHostWhereTheClientNamedNone) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})});
  const std::string answer = gateway.ask("GET /old HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(contains(answer, "GET /old HTTP/1.1\r\nhost: " + upstream.at().text() + "\r\n")) << answer;
  EXPECT_FALSE(contains(answer, "x-forwarded-host"));
}

TEST(Gateway, PublishesTheAccessEventBeforeTheAnswerIsWhole) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  client.send(get("/secret?password=hunter2"));
  const std::string answer = client.message();
  const auto records = gateway.bus.records();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].target, "GET /secret");
  EXPECT_EQ(records[0].status, 200);
  EXPECT_EQ(records[0].route, "app");
  EXPECT_TRUE(contains(answer, "x-request-id: " + records[0].trace.hex()));
}

TEST(Gateway, AnswersPipelinedRequestsInOrder) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  std::string all;
  for (int i = 0; i < 20; ++i)
    all +=
        i % 7 == 3 ? "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" : get("/" + std::to_string(i));
  client.send(all);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(contains(client.message(), " /" + std::to_string(i) + " HTTP/1.1")) << i;
}

TEST(Gateway, RefusesWithProblemEventAndClose) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})});
  const std::string answer = gateway.ask("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc");
  EXPECT_TRUE(contains(answer, "HTTP/1.1 400 Bad Request\r\n")) << answer;
  EXPECT_TRUE(contains(answer, "content-type: application/problem+json\r\n"));
  EXPECT_TRUE(contains(answer, "connection: close\r\n"));
  EXPECT_TRUE(contains(answer, "\"request_id\":\""));
  EXPECT_EQ(gateway.bus.rules(), "2004:http.content_length_conflict 4002:http.content_length_conflict ");
  EXPECT_EQ(gateway.bus.records()[1].target, "POST /x");
  EXPECT_EQ(upstream.connections(), 0);
  EXPECT_TRUE(contains(gateway.ask("\x16\x03\x01\x02"), "400 Bad Request"));
  EXPECT_TRUE(contains(gateway.ask("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"), "405 Method Not Allowed"));
  EXPECT_TRUE(contains(gateway.ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX"), "400 Bad Request"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:http.chunk_end_invalid"));
}

TEST(Gateway, StreamsLargeBodiesBothWays) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})});
  std::string body(5'000'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  for (const bool chunked : {false, true}) {
    Peer client = gateway.connect();
    std::thread sender([&] {
      if (!chunked) {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        return;
      }
      client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (std::size_t at = 0; at < body.size(); at += 100'000) client.send("186a0\r\n" + body.substr(at, 100'000) + "\r\n");
      client.send("0\r\n\r\n");
    });
    const std::string answer = client.message();
    sender.join();
    if (!chunked) {
      EXPECT_TRUE(answer.size() > body.size() && answer.substr(answer.size() - body.size()) == body);
    }
    EXPECT_TRUE(contains(answer, chunked ? "transfer-encoding: chunked" : "content-length: 5000000")) << answer.substr(0, 1000);
  }
}

TEST(Gateway, ReframesResponses) {
  TestUpstream upstream([](Peer& peer) {
    while (true) {
      const std::string request = peer.message();
      if (contains(request, "/chunked "))
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n");
      else if (contains(request, "/close "))
        return (void)peer.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
      else if (contains(request, "HEAD /"))
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n");
      else if (contains(request, "/204 "))
        peer.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n");
      else
        return;
    }
  });
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  client.send(get("/chunked"));
  std::string answer = client.message();
  EXPECT_TRUE(contains(answer, "transfer-encoding: chunked")) << answer;
  EXPECT_TRUE(contains(answer, "abc\r\n")) << answer;
  EXPECT_FALSE(contains(answer, "X-T"));
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(contains(client.message(true), "content-length: 77\r\n"));
  client.send(get("/204"));
  EXPECT_TRUE(contains(client.message(), "HTTP/1.1 204 No Content\r\n"));
  client.send(get("/close"));
  EXPECT_TRUE(contains(client.message(), "\r\n\r\nd\r\nuntil the end\r\n0\r\n\r\n"));
  EXPECT_EQ(gateway.ask("GET /chunked HTTP/1.0\r\nHost: a\r\n\r\n").substr(0, 15), "HTTP/1.1 200 OK");
  answer = gateway.ask("GET /chunked HTTP/1.0\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(contains(answer, "connection: close\r\n\r\nabcde")) << answer;
}

TEST(Gateway, RefusesAmbiguousResponses) {
  TestUpstream upstream([](Peer& peer) {
    peer.message();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc");
    peer.to_end();
  });
  TestGateway gateway({route_to({upstream.at()})});
  Peer client = gateway.connect();
  client.send(get("/"));
  EXPECT_TRUE(contains(client.message(), "502 Bad Gateway"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "2004:upstream.http.content_length_conflict"));
}

TEST(Gateway, SaysThatUpstreamIsMissing) {
  Endpoint gone;
  { gone = TestUpstream(echo).at(); }
  TestGateway gateway({route_to({gone})});
  Peer client = gateway.connect();
  client.send(get("/"));
  EXPECT_TRUE(contains(client.message(), "502 Bad Gateway"));
  client.send(get("/"));  // the client's connection goes on
  EXPECT_TRUE(contains(client.message(), "502 Bad Gateway"));
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:upstream.connect_failed"));
}

TEST(Gateway, NoRouteIs404) {
  auto route = route_to({});
  route->path_prefix = "/only";
  TestGateway gateway({route});
  Peer client = gateway.connect();
  client.send(get("/other"));
  EXPECT_TRUE(contains(client.message(), "404 Not Found"));
}

/// Calls `act` in its phases.
class ProbeStage final : public Stage {
 public:
  ProbeStage(std::uint8_t phases, std::function<Result<Verdict>(Phase, Exchange&)> act, OnError on_error = OnError::fail_closed)
      : info_{"probe", phases, on_error}, act_(std::move(act)) {}
  const StageInfo& info() const override { return info_; }
  Result<Verdict> run(Phase phase, Exchange& exchange, std::size_t) const override { return act_(phase, exchange); }

 private:
  StageInfo info_;
  std::function<Result<Verdict>(Phase, Exchange&)> act_;
};

constexpr std::uint8_t kAll = 31;

TEST(Gateway, RunsStagesInTheirPhasesWithWholeBodies) {
  TestUpstream upstream(echo);
  std::string seen;
  auto stage = std::make_shared<ProbeStage>(kAll, [&](Phase phase, Exchange& exchange) -> Result<Verdict> {
    seen += std::to_string(static_cast<int>(phase));
    if (phase == Phase::request_head) exchange.want_request_body(1000);
    if (phase == Phase::request_body) {
      seen += "(" + std::string(exchange.request.body) + ")";
      exchange.replace_request_body("changed");
      exchange.upstream_edits.set("x-user", "alice");
    }
    if (phase == Phase::response_head) {
      exchange.want_response_body(10'000);
      exchange.response_edits.set("x-checked", "yes");
      exchange.response_edits.remove("content-type");
    }
    if (phase == Phase::response_body) exchange.replace_response_body(std::string(exchange.response.body) + "!");
    return Verdict::pass;
  });
  TestGateway gateway({route_to({upstream.at()}, {stage})});
  Peer client = gateway.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("3\r\nabc\r\n");
  client.send("2\r\nde\r\n0\r\n\r\n");
  const std::string answer = client.message();
  EXPECT_EQ(seen, "01(abcde)234");
  EXPECT_TRUE(contains(answer, "x-user: alice\r\n")) << answer;
  EXPECT_TRUE(contains(answer, "content-length: 7\r\n\r\nchanged!"));
  EXPECT_TRUE(contains(answer, "x-checked: yes\r\n"));
  EXPECT_FALSE(contains(answer, "text/plain"));
}

TEST(Gateway, StagesDenyWaitAndFail) {
  TestUpstream upstream(echo);
  std::atomic<int> finished{0};
  std::atomic<int> calls{0};
  std::vector<std::thread> others;
  auto stage = std::make_shared<ProbeStage>(kAll, [&](Phase phase, Exchange& exchange) -> Result<Verdict> {
    if (phase == Phase::finished) ++finished;
    if (phase == Phase::request_head && exchange.request.path == "/deny") {
      exchange.add_finding({.stage = "probe", .plane = events::Plane::waf, .rule = "942100", .message = "found"});
      return exchange.deny({.status = 403, .stage = "probe", .rule = "942100", .reason = "an attack"});
    }
    if (phase == Phase::request_head && exchange.request.path == "/wait" && ++calls == 1) {
      others.emplace_back(exchange.resumer());
      return Verdict::wait;
    }
    if (phase == Phase::response_head && exchange.request.path == "/late") return exchange.deny({.status = 451});
    if (phase == Phase::request_head && exchange.request.path == "/fail") return internal_error(Code::io, "broken");
    return Verdict::pass;
  });
  {
    TestGateway gateway({route_to({upstream.at()}, {stage})});
    Peer client = gateway.connect();
    client.send(get("/deny"));
    const std::string denied = client.message();
    EXPECT_TRUE(contains(denied, "403 Forbidden"));
    EXPECT_FALSE(contains(denied, "attack"));
    EXPECT_EQ(gateway.bus.rules(), "2004:942100 4002:942100 ");
    EXPECT_EQ(gateway.bus.records()[0].disposition, events::Disposition::blocked);
    client.send(get("/wait"));
    EXPECT_TRUE(contains(client.message(), "200 OK"));
    EXPECT_EQ(calls, 2);
    client.send(get("/late"));
    EXPECT_TRUE(contains(client.message(), "451"));
    client.send(get("/fail"));
    EXPECT_TRUE(contains(client.message(), "503"));
  }
  for (auto& thread : others) thread.join();
  EXPECT_EQ(finished, 4);
}

class HelloHandler final : public Handler {
 public:
  void handle(Exchange& exchange, std::shared_ptr<Responder> responder) override {
    if (exchange.request.path != "/stream")
      return responder->respond(200, {{"content-type", "text/plain"}}, "hello " + std::string(exchange.request.body));
    thread_ = std::thread([responder] {
      responder->begin(200, {{"content-type", "text/event-stream"}});
      for (int i = 0; i < 3; ++i) responder->write("data: " + std::to_string(i) + "\n\n");
      responder->end();
    });
  }
  ~HelloHandler() override {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

TEST(Gateway, HandlersAnswerAtOnceOrAsAStream) {
  auto route = std::make_shared<Route>();
  route->id = "hello";
  route->handler = std::make_shared<HelloHandler>();
  TestGateway gateway({route});
  Peer client = gateway.connect();
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nyou");
  EXPECT_TRUE(contains(client.message(), "content-length: 9\r\n\r\nhello you"));
  client.send(get("/stream"));
  const std::string stream = client.message();
  EXPECT_TRUE(contains(stream, "text/event-stream"));
  EXPECT_TRUE(contains(stream, "data: 2\n\n"));
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(contains(client.message(true), "content-length: 6\r\n"));
  client.send(get("/"));
  EXPECT_TRUE(contains(client.message(), "hello "));
}

}  // namespace
}  // namespace bulwark::gateway
