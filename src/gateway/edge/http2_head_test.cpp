// Header blocks of HTTP/2 requests: what they become, and what is refused before it could become anything.
#include "gateway/edge/http2_head.h"

#include <gtest/gtest.h>

namespace bulwark::gateway {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

const Fields kGet{{":method", "GET"}, {":scheme", "https"}, {":authority", "shop.example"}, {":path", "/a?b=c"}};

struct Judged {
  Http2RequestHead head;
  http::RequestHead out;
  std::string rule;
};

std::unique_ptr<Judged> judge(const Fields& fields, const http::HeadLimits& limits = {}) {
  auto judged = std::make_unique<Judged>();
  for (const auto& [name, value] : fields) judged->head.add(name, value, limits);
  judged->rule = judged->head.finish(limits, judged->out).rule;
  return judged;
}

Fields with(Fields more, Fields base = kGet) {
  base.insert(base.end(), more.begin(), more.end());
  return base;
}

std::string rule_of(Fields more) { return judge(with(std::move(more)))->rule; }

TEST(Http2Head, BecomesWhatHttp1WouldHaveSaid) {
  const auto judged = judge(with({{"accept", "*/*"}, {"cookie", "a=1"}, {"content-length", "5"}, {"cookie", "b=2"}, {"te", "trailers"}}));
  ASSERT_EQ(judged->rule, "");
  EXPECT_EQ(judged->out.method, "GET");
  EXPECT_EQ(judged->out.path, "/a");
  EXPECT_EQ(judged->out.query, "b=c");
  EXPECT_EQ(judged->out.authority, "shop.example");
  EXPECT_EQ(judged->out.body, http::BodyKind::length);
  EXPECT_EQ(judged->out.content_length, 5U);
  EXPECT_EQ(judged->out.fields.back().value, "a=1; b=2");
}

TEST(Http2Head, RefusesBadPseudoFields) {
  EXPECT_EQ(judge({})->rule, "http2.pseudo_missing");
  EXPECT_EQ(judge({{":method", "GET"}, {":path", "/"}})->rule, "http2.pseudo_missing");
  EXPECT_EQ(judge({{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}})->rule, "http2.pseudo_missing");
  EXPECT_EQ(judge({{":method", "GET"}, {":scheme", "https"}, {":path", "/"}})->rule, "http.host_missing");
  EXPECT_EQ(rule_of({{":method", "POST"}}), "http2.pseudo_field");
  EXPECT_EQ(rule_of({{"accept", "*/*"}, {":path", "/x"}}), "http2.pseudo_field");
  EXPECT_EQ(rule_of({{":status", "200"}}), "http2.pseudo_field");
  EXPECT_EQ(rule_of({{":protocol", "websocket"}}), "http2.pseudo_field");
  EXPECT_EQ(judge({{":method", "CONNECT"}, {":authority", "a:443"}})->rule, "http.method_refused");
  EXPECT_EQ(judge({{":method", "TRACE"}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}})->rule, "http.method_refused");
  EXPECT_EQ(judge({{":method", "GET"}, {":scheme", "file"}, {":authority", "a"}, {":path", "/"}})->rule, "http2.pseudo_field");
  EXPECT_EQ(judge({{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", "http://b/"}})->rule, "http.target_invalid");
  for (const auto* path : {"", "/a b", "/a HTTP/1.1\r\nX: y", "/a\n", "/\x80", "/a\tb"})
    EXPECT_EQ(judge({{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", path}})->rule, "http2.pseudo_field") << path;
  for (const auto* method : {"GET ", "G\r\nET", "GET /x HTTP/1.1\r\nHost: b\r\n\r\nGET"})
    EXPECT_EQ(judge({{":method", method}, {":scheme", "https"}, {":authority", "a"}, {":path", "/"}})->rule, "http2.pseudo_field")
        << method;
  EXPECT_NE(judge({{":method", "GET"}, {":scheme", "https"}, {":authority", "a@b"}, {":path", "/"}})->rule, "");
}

TEST(Http2Head, RefusesFieldsOfAConnection) {
  for (const auto* name : {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings"})
    EXPECT_EQ(rule_of({{name, "x"}}), "http2.connection_field") << name;
  EXPECT_EQ(rule_of({{"te", "gzip"}}), "http2.connection_field");
  EXPECT_EQ(rule_of({{"te", "trailers, deflate"}}), "http2.connection_field");
}

TEST(Http2Head, RefusesWhatWouldBreakOutOfALine) {
  EXPECT_EQ(rule_of({{"x", "a\r\nhost: b"}}), "http.field_value_invalid");
  EXPECT_EQ(rule_of({{"x", std::string("a\0b", 3)}}), "http.field_value_invalid");
  EXPECT_EQ(rule_of({{"x: y\r\nz", "a"}}), "http.field_name_invalid");
  EXPECT_EQ(rule_of({{"", "a"}}), "http.field_name_invalid");
  EXPECT_EQ(rule_of({{"X-Upper", "a"}}), "http2.field_name_case");
  EXPECT_EQ(rule_of({{"content-length", "5"}, {"content-length", "6"}}), "http.content_length_duplicate");
  EXPECT_EQ(rule_of({{"content-length", "+5"}}), "http.content_length_invalid");
  EXPECT_EQ(rule_of({{"transfer_encoding", "chunked"}}), "http2.connection_field");
  EXPECT_EQ(rule_of({{"content_length", "5"}}), "http.look_alike_field");
}

TEST(Http2Head, TakesHostOnlyWhenItAgrees) {
  EXPECT_EQ(rule_of({{"host", "shop.example"}}), "");
  EXPECT_EQ(rule_of({{"host", "other.example"}}), "http.host_mismatch");
  const auto judged = judge({{":method", "GET"}, {":scheme", "https"}, {":path", "/"}, {"host", "h"}});
  EXPECT_EQ(judged->rule, "");
  EXPECT_EQ(judged->out.authority, "h");
}

TEST(Http2Head, StaysWithinLimits) {
  const http::HeadLimits limits{.max_bytes = 1000, .max_line = 50, .max_fields = 8};
  EXPECT_EQ(judge(with({{"x", std::string(1000, 'y')}}), limits)->rule, "http.head_too_large");
  Fields many;
  for (int i = 0; i < 10; ++i) many.push_back({"x", "y"});
  EXPECT_EQ(judge(with(many), limits)->rule, "http.too_many_fields");
  Fields bomb;
  for (int i = 0; i < 1000; ++i) bomb.push_back({"x", ""});
  const auto judged = judge(with(bomb), limits);
  EXPECT_EQ(judged->rule, "http.head_too_large");
  EXPECT_GT(judged->head.bytes(), 33'000U);
  Fields longer = kGet;
  longer[3].second = "/" + std::string(60, 'p');
  EXPECT_EQ(judge(longer, limits)->rule, "http.target_too_long");
}

}  // namespace
}  // namespace bulwark::gateway
