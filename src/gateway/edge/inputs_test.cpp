// A request taken apart as the app will see it: every spelling decoded, nothing that an app would read left out, everything bounded.
#include "gateway/edge/inputs.h"

#include <gtest/gtest.h>

#include <string>

#include "wire/http/field.h"

namespace bulwark::gateway {
namespace {

using trace::Context;
using Where = trace::Input::Where;

Context collected(const Exchange& exchange) {
  Context context;
  collect_inputs(exchange, context);
  return context;
}

void add_field(Exchange& exchange, std::string_view name, std::string_view value) {
  Header header{name, value};
  bool look_alike = false;
  header.known = http::known_field(name, look_alike);
  header.hop_by_hop = http::is_hop_by_hop(header.known);
  exchange.request.headers.list.push_back(header);
}

/// "where name=value", one a line.
std::string text(const Context& context) {
  static constexpr std::string_view kNames[] = {"path", "query", "header", "cookie", "body", "chat", "tool"};
  std::string out;
  for (const auto& input : context.inputs)
    out.append(kNames[static_cast<std::size_t>(input.where)]).append(" " + input.name + "=" + input.value + "\n");
  return out;
}

std::string of_body(std::string_view type, std::string_view body) {
  Exchange exchange;
  add_field(exchange, "content-type", type);
  exchange.request.body = body;
  const std::string all = text(collected(exchange));
  return all.substr(0, all.find("header content-type"));
}

TEST(Inputs, DecodesPathQueryAndCookies) {
  Exchange exchange;
  exchange.request.path = "/api//a%20b+c/%2e%zz";
  exchange.request.query = "q=O%27Brien+%26+co&&flag&a%5B0%5D=1&q=again&=nameless&broken=%4";
  add_field(exchange, "cookie", "a=1%27; b; c=x=y");
  add_field(exchange, "cookie", "sum=1+1");
  add_field(exchange, "x-tenant", "blue");
  EXPECT_EQ(text(collected(exchange)),
            "path =api\npath =a b+c\npath =.%zz\n"
            "query q=O'Brien & co\nquery flag=\nquery a[0]=1\nquery q=again\nquery =nameless\nquery broken=%4\n"
            "cookie a=1'\ncookie b=\ncookie c=x=y\ncookie sum=1+1\nheader x-tenant=blue\n");
}

TEST(Inputs, LeavesOutCredentialsAndFieldsOfOneConnection) {
  Exchange exchange;
  add_field(exchange, "authorization", "Bearer secret");
  add_field(exchange, "connection", "keep-alive");
  EXPECT_EQ(text(collected(exchange)), "");
}

TEST(Inputs, TakesBasicCredentialsWhichAppsTakeApart) {
  Exchange exchange;
  add_field(exchange, "authorization", "Basic YTpi");
  EXPECT_EQ(text(collected(exchange)), "header authorization=YTpi\n");
}

TEST(Inputs, TakesOtherBodiesAsTheyCame) {
  for (const std::string_view type : {"multipart/form-data; boundary=x", "text/xml", "text/plain"})
    EXPECT_EQ(of_body(type, "--x\r\n' or 1=1"), "body =--x\r\n' or 1=1\n") << type;
}

TEST(Inputs, SaysWhenABodyIsOfAnEncodingThatIsNotRead) {
  const auto cut_off = [](std::string_view name, std::string_view value) {
    Exchange exchange;
    add_field(exchange, name, value);
    exchange.request.body = "x";
    return collected(exchange).inputs_truncated;
  };
  EXPECT_TRUE(cut_off("content-encoding", "gzip"));
  EXPECT_FALSE(cut_off("content-encoding", "identity"));
  EXPECT_TRUE(cut_off("content-type", "text/plain; Charset=\"UTF-16\""));
  EXPECT_FALSE(cut_off("content-type", "text/plain; charset=UTF-8"));
}

TEST(Inputs, TakesFormsAndJsonApart) {
  EXPECT_EQ(of_body("application/x-www-form-urlencoded; charset=utf-8", "a=1&b=x%27y+z"), "body a=1\nbody b=x'y z\n");
  EXPECT_EQ(of_body("application/json", R"({"a":{"b":[1,"x'y",true,null]},"c":1.5})"),
            "body a.b.0=1\nbody a.b.1=x'y\nbody a.b.2=true\nbody c=1.5\n");
  EXPECT_EQ(of_body("application/vnd.api+json", R"({"a":"é"})"), "body a=é\n");
  EXPECT_EQ(of_body("application/json", R"("alone")"), "body =alone\n");
}

// Apps compare media types without regard to case (RFC 9110 §8.3.1) and skip a byte order mark: who spells one is not unseen.
TEST(Inputs, FindsJsonHoweverItIsAnnounced) {
  EXPECT_EQ(of_body("Application/JSON", R"({"a":"x"})"), "body a=x\n");
  EXPECT_EQ(of_body("APPLICATION/X-WWW-FORM-URLENCODED", "a=x"), "body a=x\n");
  EXPECT_EQ(of_body("application/json", "\xEF\xBB\xBF{\"a\":\"x\"}"), "body a=x\n");
}

// An app's reader may take what ours does not, an invalid byte for one: unread is not the same as empty.
TEST(Inputs, SaysWhenJsonCouldNotBeRead) {
  Exchange exchange;
  add_field(exchange, "content-type", "application/json");
  for (const std::string_view body : {"{\"a\":\"x\xff\"}", "{\"a\":1,}", "{'a':1}"}) {
    exchange.request.body = body;
    EXPECT_TRUE(collected(exchange).inputs_truncated) << body;
  }
  exchange.request.body = {};
  EXPECT_FALSE(collected(exchange).inputs_truncated);
}

TEST(Inputs, SaysWhenAnythingWasCutOff) {
  Exchange many;
  std::string query;
  for (std::size_t i = 0; i < Context::kMaxInputs + 10; ++i) query += "a" + std::to_string(i) + "=1&";
  many.request.query = query;
  EXPECT_EQ(collected(many).inputs.size(), Context::kMaxInputs);
  EXPECT_TRUE(collected(many).inputs_truncated);

  Exchange exact;
  query.clear();
  for (std::size_t i = 0; i < Context::kMaxInputs; ++i) query += (i == 0 ? "a=1" : "&a=1");
  exact.request.query = query;
  EXPECT_EQ(collected(exact).inputs.size(), Context::kMaxInputs);
  EXPECT_FALSE(collected(exact).inputs_truncated);

  Exchange large;
  query = "a=" + std::string(Context::kMaxInputBytes + 1, 'x');
  large.request.query = query;
  EXPECT_EQ(collected(large).inputs[0].value.size(), Context::kMaxInputBytes);
  EXPECT_TRUE(collected(large).inputs_truncated);

  Exchange deep;
  add_field(deep, "content-type", "application/json");
  const std::string key(600, 'k');
  const std::string body = "{\"" + key + "\":{\"" + key + "\":{\"" + key + "\":\"hidden\"}}}";
  deep.request.body = body;
  EXPECT_TRUE(collected(deep).inputs_truncated);
}

TEST(Inputs, KeepsWhatStagesFound) {
  Exchange exchange;
  exchange.trace_inputs.push_back({Where::tool_argument, "city", "Berlin"});
  EXPECT_EQ(text(collected(exchange)), "tool city=Berlin\n");
}

}  // namespace
}  // namespace bulwark::gateway
