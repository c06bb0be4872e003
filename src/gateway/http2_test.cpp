// HTTP/2 at the edge with a real TLS client that writes its own frames: exchanges, flow control, every known flood, drain, reload.
#include <gtest/gtest.h>

#include <chrono>

#include "gateway/test_http2_peer.h"

namespace bulwark::gateway {
namespace {

using testing::echo;
using testing::Http2Peer;
using testing::Peer;
using testing::route_to;
using testing::test_tls;
using testing::TestGateway;
using testing::TestUpstream;
using namespace std::chrono_literals;

ListenerConfig secure() { return {.tls = test_tls()}; }
bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Reads request heads and never answers.
void silent(Peer& peer) { (void)peer.to_end(); }

TEST(Http2, ServesStreamsThroughTheSamePathAsHttp1) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  for (std::int32_t id = 1; id < 41; id += 2)
    client.request(id, Http2Peer::get("/p?n=" + std::to_string(id), {{"x-mine", "1"}, {"cookie", "a=1"}, {"cookie", "b=2"}}));
  for (std::int32_t id = 1; id < 41; id += 2) {
    const auto answer = client.answer(id);
    EXPECT_EQ(answer.status, "200");
    EXPECT_TRUE(answer.ended);
    EXPECT_TRUE(
        contains(answer.body, "GET /p?n=" + std::to_string(id) + " HTTP/1.1\r\nhost: app.example\r\nx-mine: 1\r\ncookie: a=1; b=2\r\n"))
        << answer.body;
    EXPECT_TRUE(contains(answer.body, "x-forwarded-proto: https\r\n"));
    EXPECT_EQ(answer.field("content-type"), "text/plain");
    EXPECT_EQ(answer.field("content-length"), std::to_string(answer.body.size()));
    EXPECT_EQ(answer.field("x-request-id").size(), 32U);
    EXPECT_NE(answer.field("date"), "");
  }
  EXPECT_EQ(gateway.server().counters().requests, 20U);
  EXPECT_EQ(client.settings[NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS], 128U);
  EXPECT_EQ(client.settings.count(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL), 0U);
}

TEST(Http2, CarriesBodiesOfKnownAndUnknownLength) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  client.request(1, Http2Peer::post("/a", {{"content-length", "5"}}), false);
  client.data(1, "he", false);
  client.data(1, "llo", true);
  EXPECT_TRUE(contains(client.answer(1).body, "content-length: 5\r\n")) << client.answer(1).body;
  EXPECT_TRUE(client.answer(1).body.ends_with("hello"));
  client.request(3, Http2Peer::post("/b"), false);
  client.data(3, "world", true);
  EXPECT_TRUE(contains(client.answer(3).body, "transfer-encoding: chunked\r\n"));
  EXPECT_TRUE(contains(client.answer(3).body, "5\r\nworld\r\n0\r\n\r\n"));
  client.request(5, Http2Peer::post("/c"), false);
  client.frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 5, client.block({{"x-trailer", "dropped"}}));
  EXPECT_FALSE(contains(client.answer(5).body, "x-trailer"));
}

TEST(Http2, RefusesBodiesThatBelieTheirLength) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  client.request(1, Http2Peer::post("/a", {{"content-length", "5"}}), false);
  client.data(1, "much more than five", true);
  EXPECT_EQ(client.answer(1).reset, NGHTTP2_PROTOCOL_ERROR);
  client.request(3, Http2Peer::post("/a", {{"content-length", "5"}}), false);
  client.data(3, "abc", true);
  EXPECT_EQ(client.answer(3).reset, NGHTTP2_PROTOCOL_ERROR);
  client.request(5, Http2Peer::get("/still"), true);
  EXPECT_EQ(client.answer(5).status, "200");
}

TEST(Http2, RefusesMalformedRequestsOneByOne) {
  TestUpstream upstream(echo);
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  std::int32_t id = 1;
  const auto outcome = [&](const testing::Fields& fields) {
    client.request(id, fields);
    const auto answer = client.answer(id);
    id += 2;
    return answer.reset >= 0 && answer.status.empty() ? "reset" : answer.status;
  };
  EXPECT_EQ(outcome(Http2Peer::get("/", {{"connection", "close"}})), "reset");
  EXPECT_EQ(outcome(Http2Peer::get("/", {{"transfer-encoding", "chunked"}})), "reset");
  EXPECT_EQ(outcome(Http2Peer::get("/", {{"te", "gzip"}})), "reset");
  EXPECT_EQ(outcome(Http2Peer::get("/", {{"X-Upper", "1"}})), "reset");
  EXPECT_EQ(outcome(Http2Peer::get("/", {{":path", "/two"}})), "reset");
  EXPECT_EQ(outcome(Http2Peer::get("/", {{"x", "a\r\nb: c"}})), "reset");
  EXPECT_EQ(outcome({{":method", "CONNECT"}, {":authority", "a:1"}}), "405");
  EXPECT_EQ(outcome(Http2Peer::get("/", {{"host", "other"}})), "400");
  EXPECT_EQ(outcome(Http2Peer::get("/", {{"content_length", "5"}})), "400");
  EXPECT_EQ(outcome(Http2Peer::get("/" + std::string(9'000, 'p'))), "414");
  EXPECT_EQ(outcome(Http2Peer::get("/", {{"x", std::string(7'000, 'x')}, {"y", std::string(7'000, 'x')}})), "200");
  EXPECT_EQ(outcome(Http2Peer::get("/fine")), "200");
  EXPECT_EQ(upstream.connections(), 1);
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:http.host_mismatch"));
  EXPECT_TRUE(client.goaways.empty());
}

TEST(Http2, AnswersEarlyAndTellsTheClientToStop) {
  TestUpstream upstream(echo);
  auto route = route_to({upstream.at()});
  route->limits.max_body_bytes = 1000;
  TestGateway gateway({route}, secure());
  Http2Peer client(gateway.server().bound());
  client.request(1, Http2Peer::post("/big", {{"content-length", "100000"}}), false);
  const auto answer = client.answer(1);
  EXPECT_EQ(answer.status, "413");
  EXPECT_TRUE(answer.ended);
  while (client.answers[1].reset < 0 && client.read_once()) continue;
  EXPECT_EQ(client.answers[1].reset, NGHTTP2_NO_ERROR);
}

TEST(Http2, MovesLargeBodiesWithinItsWindows) {
  constexpr std::size_t kSize = 8 * 1024 * 1024;
  TestUpstream upstream([](Peer& peer) {
    const std::string head = peer.until("\r\n\r\n");
    if (head.empty()) return;
    const std::string body = peer.exactly(kSize);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  });
  auto route = route_to({upstream.at()});
  route->limits.max_body_bytes = kSize;
  TestGateway gateway({route}, secure());
  Http2Peer client(gateway.server().bound());
  client.frame(NGHTTP2_SETTINGS, 0, 0, std::string("\0\x04", 2) + Http2Peer::number(1024 * 1024));
  client.request(1, Http2Peer::post("/", {{"content-length", std::to_string(kSize)}}), false);
  std::size_t sent = 0;
  const std::string chunk(16'000, 'b');
  while (client.settings.empty() && client.read_once()) continue;
  const std::size_t window = client.settings[NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE];
  EXPECT_EQ(window, 128U * 1024);
  while (sent < kSize && client.windows(1, window) > 0) {
    const std::size_t take = std::min({chunk.size(), kSize - sent, client.windows(1, window)});
    client.data(1, std::string_view(chunk).substr(0, take), sent + take == kSize);
    client.use_window(1, take);
    sent += take;
    while (sent < kSize && client.windows(1, window) == 0 && client.read_once()) continue;
  }
  const auto answer = client.answer(1);
  EXPECT_EQ(answer.status, "200");
  EXPECT_EQ(answer.body.size(), kSize);
}

TEST(Http2, HoldsUpstreamBackForASlowReader) {
  std::atomic<std::size_t> written{0};
  TestUpstream upstream([&](Peer& peer) {
    (void)peer.until("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
    const std::string chunk(64 * 1024, 'x');
    for (int i = 0; i < 1600 && peer.send(chunk); ++i) written += chunk.size();
  });
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  client.acknowledge = false;
  client.request(1, Http2Peer::get("/"));
  std::size_t before = 1;
  while (client.answers[1].body.size() < 65'535 && client.read_once()) continue;
  while (written != before) {  // until the sockets between are full and nothing moves any more
    before = written;
    (void)client.read_once(200);
  }
  EXPECT_LT(written, 20U * 1024 * 1024);
}

void expect_thrown_out(Http2Peer& client, TestGateway& gateway, std::string_view rule) {
  client.to_end();
  EXPECT_TRUE(client.closed);
  if (!client.goaways.empty()) {  // a reset may have overtaken it, since we were still sending
    EXPECT_EQ(client.goaways.back(), NGHTTP2_ENHANCE_YOUR_CALM);
  }
  EXPECT_TRUE(contains(gateway.bus.rules(), rule)) << gateway.bus.rules();
}

TEST(Http2, EndsRapidResets) {
  TestUpstream upstream(silent);
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  for (std::int32_t id = 1; id < 2000; id += 2) {
    client.request(id, Http2Peer::get("/"));
    client.reset(id);
  }
  expect_thrown_out(client, gateway, "4001:http2.rapid_reset ");
  EXPECT_LT(upstream.connections(), 300);
}

TEST(Http2, EndsResetsThatItIsMadeToSendItself) {
  TestUpstream upstream(silent);
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  for (std::int32_t id = 1; id < 1000 && !client.closed; id += 2) {
    client.request(id, Http2Peer::get("/"));
    client.frame(NGHTTP2_WINDOW_UPDATE, 0, id, Http2Peer::number(0x7fffffff));  // overflows the window
    (void)client.answer(id);
  }
  expect_thrown_out(client, gateway, "4001:http2.rapid_reset ");
}

TEST(Http2, EndsFloodsOfControlFrames) {
  const std::vector<std::pair<std::string, std::string>> floods = {
      {"ping", Http2Peer::framed(NGHTTP2_PING, 0, 0, "12345678")},
      {"settings", Http2Peer::framed(NGHTTP2_SETTINGS, 0, 0, "")},
      {"window", Http2Peer::framed(NGHTTP2_WINDOW_UPDATE, 0, 0, Http2Peer::number(1))},
      {"priority", Http2Peer::framed(NGHTTP2_PRIORITY, 0, 3, Http2Peer::number(0) + "x")}};
  for (const auto& [name, bytes] : floods) {
    TestUpstream upstream(echo);
    TestGateway gateway({route_to({upstream.at()})}, secure());
    Http2Peer client(gateway.server().bound());
    std::string all;
    for (int i = 0; i < 5000; ++i) all += bytes;
    client.send(all);
    SCOPED_TRACE(name);
    expect_thrown_out(client, gateway, "4001:http2.flood ");
  }
}

TEST(Http2, EndsFloodsOfEmptyData) {
  TestUpstream upstream(silent);
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  client.request(1, Http2Peer::post("/"), false);
  std::string all;
  for (int i = 0; i < 5000; ++i) all += Http2Peer::framed(NGHTTP2_DATA, 0, 1, "");
  client.send(all);
  expect_thrown_out(client, gateway, "4001:http2.flood ");
}

TEST(Http2, EndsContinuationFloodsAndHeaderBombs) {
  TestUpstream upstream(echo);
  {
    TestGateway gateway({route_to({upstream.at()})}, secure());
    Http2Peer client(gateway.server().bound());
    client.frame(NGHTTP2_HEADERS, 0, 1, client.block(Http2Peer::get("/")));
    for (int i = 0; i < 1000; ++i) client.frame(NGHTTP2_CONTINUATION, 0, 1, client.block({{"x" + std::to_string(i), "y"}}));
    expect_thrown_out(client, gateway, "4001:http2.continuation_flood ");
  }
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  // One table entry of 3 KB, then referred to by single bytes: 16 KB that unpack to 50 MB.
  std::string bomb = client.block(Http2Peer::get("/", {{"x", std::string(3000, 'x')}}));
  bomb += std::string(16'000 - bomb.size(), '\xbe');
  client.frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1, bomb);
  expect_thrown_out(client, gateway, "4001:http2.header_bomb ");
}

TEST(Http2, RefusesMoreStreamsThanAgreed) {
  TestUpstream upstream(silent);
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  while (client.settings.empty() && client.read_once()) continue;
  for (std::int32_t id = 1; id < 2 * 200; id += 2) client.request(id, Http2Peer::get("/"));
  while (client.goaways.empty() && client.answers[399].reset < 0 && client.read_once()) continue;
  EXPECT_TRUE(!client.goaways.empty() || client.answers[399].reset == NGHTTP2_REFUSED_STREAM);
  EXPECT_LE(upstream.connections(), 128);
}

TEST(Http2, ClosesOnABadPrefaceAndOnSilence) {
  TestUpstream upstream(echo);
  Limits limits;
  limits.header_timeout = 100ms;
  limits.idle_timeout = 100ms;
  TestGateway gateway({route_to({upstream.at()})}, secure(), {}, limits);
  Http2Peer wrong(gateway.server().bound(), false);
  wrong.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  wrong.to_end();
  EXPECT_TRUE(wrong.closed);
  Http2Peer mute(gateway.server().bound(), false);
  mute.to_end();
  EXPECT_TRUE(mute.closed);
  Http2Peer idle(gateway.server().bound());
  idle.to_end();
  ASSERT_FALSE(idle.goaways.empty());
  EXPECT_EQ(idle.goaways.back(), NGHTTP2_NO_ERROR);
}

TEST(Http2, TimesOutBodiesAndReadersThatStop) {
  TestUpstream upstream(echo);
  Limits limits;
  limits.body_timeout = 100ms;
  auto route = route_to({upstream.at()});
  route->limits.body_timeout = 100ms;
  TestGateway gateway({route}, secure(), {}, limits);
  Http2Peer client(gateway.server().bound());
  client.request(1, Http2Peer::post("/", {{"content-length", "10"}}), false);
  client.data(1, "five!", false);
  EXPECT_EQ(client.answer(1).status, "408");
  EXPECT_TRUE(contains(gateway.bus.rules(), "4002:edge.body_timeout ")) << gateway.bus.rules();
}

TEST(Http2, TimesOutHeadsThatDoNotEnd) {
  TestUpstream upstream(echo);
  Limits limits;
  limits.header_timeout = 100ms;
  TestGateway gateway({route_to({upstream.at()})}, secure(), {}, limits);
  Http2Peer client(gateway.server().bound());
  while (client.settings.empty() && client.read_once()) continue;  // within a header block nothing may be acknowledged
  client.frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, client.block(Http2Peer::get("/")));
  EXPECT_EQ(client.answer(1).reset, NGHTTP2_CANCEL);
  EXPECT_TRUE(contains(gateway.bus.rules(), "4001:http.head_timeout ")) << gateway.bus.rules();
}

TEST(Http2, DrainsWithoutLosingWhatIsInProgress) {
  TestUpstream upstream([](Peer& peer) {
    (void)peer.until("\r\n\r\n");
    (void)peer.until("go");
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone");
  });
  TestGateway gateway({route_to({upstream.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  client.request(1, Http2Peer::post("/", {{"content-length", "2"}}), false);
  while (client.settings.empty() && client.read_once()) continue;
  gateway.server().drain(10s);
  while (client.goaways.empty() && client.read_once()) continue;
  EXPECT_EQ(client.goaways.front(), NGHTTP2_NO_ERROR);
  client.data(1, "go", true);
  EXPECT_EQ(client.answer(1).body, "done");
  client.to_end();
  EXPECT_TRUE(client.closed);
}

TEST(Http2, ReloadsUnderItsStreams) {
  TestUpstream first([](Peer& peer) {
    while (!peer.until("\r\n\r\n").empty()) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
  });
  TestUpstream second([](Peer& peer) {
    while (!peer.until("\r\n\r\n").empty()) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
  });
  TestGateway gateway({route_to({first.at()})}, secure());
  Http2Peer client(gateway.server().bound());
  client.request(1, Http2Peer::get("/"));
  EXPECT_EQ(client.answer(1).body, "one");
  gateway.server().reload(gateway.snapshot({route_to({second.at()})}));
  std::int32_t id = 3;
  std::string body;
  do {
    client.request(id, Http2Peer::get("/"));
    body = client.answer(id).body;
    id += 2;
  } while (body == "one");
  EXPECT_EQ(body, "two");
  EXPECT_TRUE(client.goaways.empty());
}

}  // namespace
}  // namespace bulwark::gateway
