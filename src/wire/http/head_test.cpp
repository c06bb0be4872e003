// Heads: what is taken, what is refused and by which rule, and that the size of the pieces makes no difference.
#include "wire/http/head.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace bulwark::http {
namespace {

struct Outcome {
  std::string rule;  ///< empty: taken; "more": incomplete
  std::size_t size = 0;
  RequestHead head;
  std::string text;  ///< what the views point into
};

Outcome read_request(std::string_view input, std::size_t piece, const HeadLimits& limits = {}) {
  Outcome outcome;
  outcome.text.reserve(input.size());
  HeadScanner scanner;
  while (true) {
    const std::string_view rest = input.substr(outcome.text.size());
    if (rest.empty()) return outcome.rule = "more", std::move(outcome);
    outcome.text.append(rest.substr(0, piece));
    const auto state = scanner.scan(outcome.text, limits);
    if (state == HeadScanner::State::refused) return outcome.rule = scanner.refusal().rule, std::move(outcome);
    if (state == HeadScanner::State::more) continue;
    outcome.size = scanner.size();
    const std::string_view head = std::string_view(outcome.text).substr(scanner.skipped(), scanner.size() - scanner.skipped());
    outcome.rule = parse_request_head(head, limits, outcome.head).rule;
    return outcome;
  }
}

std::string rule_of(std::string_view input) { return read_request(input, input.size()).rule; }

TEST(RequestHead, ParsesInPlace) {
  const std::string text =
      "\r\nPOST /a/b?x=1&y=2 HTTP/1.1\r\nHost: app.example:8080\r\nContent-Length: 5\r\nX-Empty:\r\nX-Two:  a b \t\r\n\r\nhello";
  const Outcome outcome = read_request(text, text.size());
  ASSERT_EQ(outcome.rule, "");
  EXPECT_EQ(outcome.size, text.size() - 5);
  EXPECT_EQ(outcome.head.method, "POST");
  EXPECT_EQ(outcome.head.target, "/a/b?x=1&y=2");
  EXPECT_EQ(outcome.head.path, "/a/b");
  EXPECT_EQ(outcome.head.query, "x=1&y=2");
  EXPECT_EQ(outcome.head.authority, "app.example:8080");
  EXPECT_EQ(outcome.head.body, BodyKind::length);
  EXPECT_EQ(outcome.head.content_length, 5U);
  ASSERT_EQ(outcome.head.fields.size(), 4U);
  EXPECT_EQ(outcome.head.fields[3].value, "a b");
  EXPECT_EQ(outcome.head.fields[2].value, "");
}

TEST(RequestHead, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](std::string_view version, std::string_view connection) {
    std::string text = "GET / HTTP/";
    text.append(version).append("\r\nHost: a\r\nConnection: ").append(connection).append("\r\n\r\n");
    return read_request(text, text.size()).head.keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "close"));
  EXPECT_FALSE(keeps("1.1", "keep-alive, Close"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Keep-Alive"));
}

TEST(RequestHead, MarksWhatEndsHere) {
  const std::string text =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, X-Mine\r\nx-mine: 1\r\nTE: trailers\r\nX_Forwarded_For: 1.2.3.4\r\nAccept: */*\r\n\r\n";
  const Outcome outcome = read_request(text, text.size());
  ASSERT_EQ(outcome.rule, "");
  std::string kept;
  for (const Field& field : outcome.head.fields)
    if (!field.hop_by_hop) kept.append(field.name).append(" ");
  EXPECT_EQ(kept, "Host Accept ");
}

struct Case {
  const char* rule;
  const char* text;
};

// NUL cannot stand in these C strings: see ControlCharacters.
const Case kCases[] = {
    {"", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"", "GET http://a/x HTTP/1.1\r\nHost: A\r\n\r\n"},
    {"", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"", "GET / HTTP/1.0\r\n\r\n"},
    {"", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"},
    {"", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"},
    {"", "GET /?q=<script> HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"", "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nConnection: upgrade, HTTP2-Settings\r\nHTTP2-Settings: x\r\n\r\n"},
    {"more", "GET / HTTP/1.1\r\nHost: a\r\n"},
    {"http.start_line", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.start_line", "\x16\x03\x01"},
    {"http.start_line", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.start_line", "GET /\r\nHost: a\r\n\r\n"},
    {"http.start_line", "GET  / HTTP/1.1x\r\nHost: a\r\n\r\n"},
    {"http.start_line", "GET / http/1.1\r\nHost: a\r\n\r\n"},
    {"http.start_line", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
    {"http.target_invalid", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.target_invalid", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.target_invalid", "GET a HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.target_invalid", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.target_invalid", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.target_invalid", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.target_invalid", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.target_invalid", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.version_unsupported", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
    {"http.version_unsupported", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
    {"http.method_invalid", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.method_refused", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.method_refused", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.bare_lf", "GET / HTTP/1.1\nHost: a\n\n"},
    {"http.bare_lf", "GET / HTTP/1.1\r\nHost: a\n\r\n"},
    {"http.bare_cr", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"},
    {"http.bare_cr", "GET / HTTP/1.1\rHost: a\r\r"},
    {"http.bare_cr", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"},
    {"http.obs_fold", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"},
    {"http.obs_fold", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
    {"http.space_before_colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
    {"http.space_before_colon", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n"},
    {"http.field_name_invalid", "GET / HTTP/1.1\r\nHost: a\r\nX Y: b\r\n\r\n"},
    {"http.field_name_invalid", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"},
    {"http.field_without_colon", "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n"},
    {"http.host_missing", "GET / HTTP/1.1\r\nX: a\r\n\r\n"},
    {"http.host_duplicate", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
    {"http.host_invalid", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
    {"http.host_invalid", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
    {"http.host_invalid", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
    {"http.host_invalid", "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n"},
    {"http.host_invalid", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
    {"http.host_mismatch", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"http.content_length_conflict", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"http.content_length_duplicate", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"},
    {"http.content_length_invalid", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n"},
    {"http.content_length_invalid", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n"},
    {"http.content_length_invalid", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"},
    {"http.content_length_invalid", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n"},
    {"http.content_length_invalid", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n"},
    {"http.transfer_encoding_invalid", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n"},
    {"http.transfer_encoding_invalid", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
    {"http.transfer_encoding_invalid", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"http.transfer_encoding_version", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"http.look_alike_field", "POST / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\n\r\n"},
    {"http.look_alike_field", "POST / HTTP/1.1\r\nHost: a\r\ncontent_length: 5\r\n\r\n"},
    {"http.expect_unknown", "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe\r\n\r\n"},
    {"http.connection_option", "GET / HTTP/1.1\r\nHost: a\r\nConnection: host\r\n\r\n"},
    {"http.connection_option", "GET / HTTP/1.1\r\nHost: a\r\nConnection: a b\r\n\r\n"},
    {"http.upgrade_invalid", "POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n"},
};

TEST(RequestHead, TakesAndRefuses) {
  for (const Case& each : kCases) EXPECT_EQ(rule_of(each.text), each.rule) << each.text;
}

TEST(RequestHead, ControlCharacters) {
  for (int c = 0; c < 256; ++c) {
    if (c == '\r' || c == '\n') continue;
    const std::string byte(1, static_cast<char>(c));
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f;
    EXPECT_EQ(rule_of("GET / HTTP/1.1\r\nHost: a\r\nX: b" + byte + "c\r\n\r\n"), control ? "http.field_value_invalid" : "") << c;
    const bool in_target = c > 0x20 && c < 0x7f && c != '#';
    EXPECT_EQ(rule_of("GET /" + byte + " HTTP/1.1\r\nHost: a\r\n\r\n").empty(), in_target) << c;
  }
}

TEST(RequestHead, Limits) {
  const HeadLimits limits{.max_bytes = 200, .max_line = 100, .max_fields = 3};
  const auto rule = [&](const std::string& text) { return read_request(text, 7, limits).rule; };
  EXPECT_EQ(rule("GET /" + std::string(200, 'a')), "http.target_too_long");
  EXPECT_EQ(rule("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(300, 'a')), "http.head_too_large");
  EXPECT_EQ(rule("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n"), "http.too_many_fields");
}

// The naive twin: one byte at a time must come to the same end as all at once, for every case and random damage to it.
TEST(RequestHead, PiecesMakeNoDifference) {
  std::mt19937 random(11);
  using namespace std::string_view_literals;
  constexpr auto kAlphabet = "\r\n\t \0:;,=_-/?aA0\x7f\xff"sv;
  for (int round = 0; round < 40; ++round)
    for (const Case& each : kCases) {
      std::string text = each.text;
      for (int damage = 0; damage < round % 4; ++damage) text[random() % text.size()] = kAlphabet[random() % kAlphabet.size()];
      const Outcome whole = read_request(text, text.size());
      const Outcome pieces = read_request(text, 1);
      ASSERT_EQ(whole.rule, pieces.rule) << text;
      ASSERT_EQ(whole.size, pieces.size) << text;
      ASSERT_EQ(whole.head.fields.size(), pieces.head.fields.size());
    }
}

std::string response_rule(std::string_view text, bool to_head = false, ResponseHead* out = nullptr) {
  HeadScanner scanner(HeadScanner::Kind::response);
  const auto state = scanner.scan(text, {});
  if (state != HeadScanner::State::complete) return state == HeadScanner::State::more ? "more" : std::string(scanner.refusal().rule);
  ResponseHead head;
  return std::string(parse_response_head(text.substr(0, scanner.size()), to_head, {}, out != nullptr ? *out : head).rule);
}

TEST(ResponseHead, TakesAndRefuses) {
  const Case cases[] = {
      {"", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"},
      {"", "HTTP/1.1 200\r\n\r\n"},
      {"", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"},
      {"", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"},
      {"http.status_invalid", "HTTP/1.1 20 OK\r\n\r\n"},
      {"http.status_invalid", "HTTP/1.1 999 X\r\n\r\n"},
      {"http.status_invalid", "HTTP/2 200 OK\r\n\r\n"},
      {"http.status_invalid", "HTTP/1.1 200OK\r\n\r\n"},
      {"http.start_line", "\r\nHTTP/1.1 200 OK\r\n\r\n"},
      {"http.content_length_conflict", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"http.content_length_duplicate", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n"},
      {"http.transfer_encoding_version", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"http.body_forbidden", "HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n"},
      {"http.body_forbidden", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"http.switch_unasked", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"},
      {"http.obs_fold", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"},
      {"http.bare_lf", "HTTP/1.1 200 OK\nX: a\n\n"},
  };
  for (const Case& each : cases) EXPECT_EQ(response_rule(each.text), each.rule) << each.text;
}

TEST(ResponseHead, DecidesTheBody) {
  const auto body = [](std::string_view text, bool to_head) {
    ResponseHead head;
    EXPECT_EQ(response_rule(text, to_head, &head), "");
    return head.body;
  };
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false), BodyKind::length);
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true), BodyKind::none);
  EXPECT_EQ(body("HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", false), BodyKind::none);
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false), BodyKind::chunked);
  EXPECT_EQ(body("HTTP/1.1 200 OK\r\n\r\n", false), BodyKind::until_close);
}

}  // namespace
}  // namespace bulwark::http
