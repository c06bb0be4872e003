// SecLang beyond what the Core Rule Set's own suites reach: one small rule set a feature, and whether its rules match.
#include <gtest/gtest.h>

#include <algorithm>

#include "waf/compiler/compiler.h"
#include "waf/seclang/reader.h"
#include "waf/transaction.h"

namespace bulwark::waf {
namespace {

struct Exchanged {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers{{"Host", "shop.example"}};
  std::string body;
  std::string response_type = "text/html";
  std::string response;
};

class Language : public testing::Test {
 protected:
  std::string failure_of(std::string_view rules) {
    const auto document = seclang::read_text(rules, "t.conf");
    if (!document.ok()) return document.error().message;
    const auto program = compile(*document, options_);
    return program.ok() ? "" : program.error().message;
  }

  /// The ids of the rules that matched and log.
  std::vector<std::uint64_t> run(std::string_view rules, Exchanged exchanged) {
    exchanged_ = std::move(exchanged);
    const auto document = seclang::read_text(rules, "t.conf");
    EXPECT_TRUE(document.ok()) << document.error().message;
    const auto program = compile(*document, options_);
    EXPECT_TRUE(program.ok()) << program.error().message;
    transaction_.begin(*program, std::make_shared<Policy>(), &store_);
    transaction_.set_request({exchanged_.method, exchanged_.target, "HTTP/1.1", {}},
                             {*Endpoint::parse("203.0.113.9:4711"), *Endpoint::parse("127.0.0.1:80"), "id", ""});
    for (const auto& [name, value] : exchanged_.headers) transaction_.add_request_header(name, value);
    transaction_.run_request_headers();
    transaction_.run_request_body(exchanged_.body);
    if (transaction_.intervention() == nullptr) {
      transaction_.set_response(200, "HTTP/1.1");
      transaction_.add_response_header("Content-Type", exchanged_.response_type);
      transaction_.run_response_headers();
      transaction_.run_response_body(exchanged_.response);
    }
    transaction_.run_logging();
    std::vector<std::uint64_t> ids;
    for (const auto& match : transaction_.matches()) ids.push_back(match.rule->id);
    return ids;
  }
  int denied_with() const { return transaction_.intervention() == nullptr ? 0 : transaction_.intervention()->status; }

  using Ids = std::vector<std::uint64_t>;
  CompileOptions options_;
  ManualClock clock_;
  PersistentStore store_;
  Transaction transaction_{clock_};
  Exchanged exchanged_;
};

Exchanged form(std::string body) {
  return {"POST", "/", {{"Host", "h"}, {"Content-Type", "application/x-www-form-urlencoded"}}, std::move(body), "text/html", ""};
}

Exchanged json(std::string body) { return {"POST", "/", {{"Host", "h"}}, std::move(body), "text/html", ""}; }

const std::string kJson = "SecAction \"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=JSON\"\n";
const std::string kXml = "SecAction \"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=XML\"\n";

TEST_F(Language, ReplacesTargets) {
  const std::string rule = "SecRule ARGS:a|ARGS:b \"@streq x\" \"id:2,phase:1,pass,t:none\"\n";
  EXPECT_EQ(run(rule, {.target = "/?a=x"}), Ids{2});
  const std::string replaced = rule + "SecRuleUpdateTargetById 2 \"ARGS:c\" \"ARGS:A\"\n";
  EXPECT_EQ(run(replaced, {.target = "/?a=x"}), Ids{});
  EXPECT_EQ(run(replaced, {.target = "/?b=x"}), Ids{2});
  EXPECT_EQ(run(replaced, {.target = "/?c=x"}), Ids{2});
  EXPECT_EQ(failure_of("SecRule ARGS:a \"@streq x\" \"id:2,phase:1,pass\"\nSecRuleUpdateTargetById 2 \"!ARGS:b\" \"ARGS:a\"\n"),
            "t.conf:2:1: rule 2 inspects nothing any more");
}

TEST_F(Language, SetsTheEnvironmentOfTheTransaction) {
  const std::string rules =
      "SecRule ARGS:a \"@rx .+\" \"id:1,phase:1,pass,nolog,setenv:'seen=%{MATCHED_VAR}!'\"\n"
      "SecRule ENV:seen \"@streq x!\" \"id:2,phase:1,pass\"\nSecRule &ENV \"@eq 1\" \"id:3,phase:1,pass\"\n"
      "SecRule ENV:PATH \"@rx .\" \"id:4,phase:1,pass\"\n";
  EXPECT_EQ(run(rules, {.target = "/?a=x"}), (Ids{2, 3})) << "and nothing of the process's own";
  EXPECT_EQ(run(rules, {}), Ids{}) << "gone with its transaction";
}

TEST_F(Language, ShowsTheFullRequest) {
  const std::string rules =
      "SecRule FULL_REQUEST \"@rx ^POST / HTTP/1.1\\nHost: h\\nContent-Type: application/x-www-form-urlencoded\\n\\na=1$\" "
      "\"id:1,phase:2,pass,t:none\"\nSecRule FULL_REQUEST_LENGTH \"@eq 76\" \"id:2,phase:2,pass\"\n";
  EXPECT_EQ(run(rules, form("a=1")), (Ids{1, 2}));
  options_.generation = Generation::third;
  EXPECT_EQ(run("SecRule FULL_REQUEST \"@beginsWith Host: h\" \"id:1,phase:2,pass,t:none\"", form("a=1")), Ids{1}) << "without its line";
}

TEST_F(Language, ReadsXmlNamespaces) {
  const std::string body = "<s:a xmlns:s='urn:s'><s:b>attack</s:b></s:a>";
  EXPECT_EQ(run(kXml + "SecRule XML:/x:a/x:b/text() \"@streq attack\" \"id:2,phase:2,pass,t:none,xmlns:x=urn:s\"\n"
                       "SecRule XML:/x:a/x:b/text() \"@streq attack\" \"id:3,phase:2,pass,t:none,xmlns:x=urn:t\"\n",
                {"POST", "/", {{"Host", "h"}}, body, "", ""}),
            Ids{2});
  EXPECT_NE(failure_of("SecRule XML:/x:a \"@streq a\" \"id:2,phase:2,pass,xmlns:x\""), "");
}

TEST_F(Language, LimitsRequestBodies) {
  const std::string limit = "SecRequestBodyLimit 5\n";
  const std::string rules =
      "SecRule INBOUND_DATA_ERROR \"@eq 1\" \"id:1,phase:2,pass\"\nSecRule ARGS:a \"@streq 123\" \"id:2,phase:2,pass,t:none\"\n";
  EXPECT_EQ(run(limit + rules, form("a=123")), Ids{2});
  EXPECT_EQ(run(limit + rules, form("a=123456")), Ids{}) << "refused before any rule";
  EXPECT_EQ(denied_with(), 413);
  EXPECT_EQ(run(limit + "SecRequestBodyLimitAction ProcessPartial\n" + rules, form("a=123456")), (Ids{1, 2}));
  EXPECT_EQ(run(limit + "SecRuleEngine DetectionOnly\n" + rules, form("a=123456")), (Ids{1, 2}));
  EXPECT_EQ(failure_of("SecRequestBodyLimitAction Maybe"), "t.conf:1:1: SecRequestBodyLimitAction expects Reject or ProcessPartial");
}

TEST_F(Language, LimitsBodiesWithoutTheirFiles) {
  const std::string rules = "SecRequestBodyNoFilesLimit 300\nSecRule REQBODY_ERROR \"@eq 1\" \"id:1,phase:2,pass\"\n";
  EXPECT_EQ(run(rules, form("a=" + std::string(400, 'x'))), Ids{1});
  const auto upload = [](const std::string& disposition) {
    return Exchanged{
        "POST",
        "/",
        {{"Host", "h"}, {"Content-Type", "multipart/form-data; boundary=X"}},
        "--X\r\nContent-Disposition: form-data; name=\"f\"" + disposition + "\r\n\r\n" + std::string(400, 'x') + "\r\n--X--\r\n",
        "",
        ""};
  };
  EXPECT_EQ(run(rules, upload("; filename=\"a\"")), Ids{});
  EXPECT_EQ(run(rules, upload("")), Ids{1});
}

TEST_F(Language, LimitsResponseBodies) {
  const std::string rules =
      "SecResponseBodyAccess On\nSecResponseBodyLimit 4\nSecRule OUTBOUND_DATA_ERROR \"@eq 1\" \"id:1,phase:4,pass\"\n"
      "SecRule RESPONSE_BODY \"@streq leak\" \"id:2,phase:4,pass,t:none\"\n";
  EXPECT_EQ(run(rules, {.response = "leak"}), Ids{2});
  EXPECT_EQ(run(rules, {.response = "leaking"}), (Ids{1, 2}));
  EXPECT_EQ(run(rules, {.response_type = "image/png", .response = "leak"}), Ids{}) << "of another type";
  run("SecResponseBodyLimitAction Reject\n" + rules, {.response = "leaking"});
  EXPECT_EQ(denied_with(), 500);
}

TEST_F(Language, KeepsCollectionsOfApplicationsApart) {
  const auto rules = [](const std::string& app) {
    return "SecWebAppId " + app +
           "\nSecAction \"id:1,phase:1,pass,nolog,initcol:ip=k,setsid:abc,setvar:ip.n=+1\"\n"
           "SecRule IP:n \"@eq 2\" \"id:2,phase:2,pass\"\nSecRule SESSIONID \"@streq abc\" \"id:3,phase:2,pass,t:none\"\n"
           "SecRule WEBAPPID \"@streq " +
           app + "\" \"id:4,phase:2,pass,t:none\"\n";
  };
  EXPECT_EQ(run(rules("one"), {}), (Ids{3, 4}));
  EXPECT_EQ(run(rules("two"), {}), (Ids{3, 4}));
  EXPECT_EQ(run(rules("one"), {}), (Ids{2, 3, 4}));
}

TEST_F(Language, LooksIntoJsonWithinJson) {
  const std::string rules = kJson +
                            "SecRule ARGS:json.a.b \"@streq <x>\" \"id:2,phase:2,pass,t:none\"\n"
                            "SecRule ARGS:json.a.c.array_1 \"@streq deep\" \"id:3,phase:2,pass,t:none\"\n"
                            "SecRule REQBODY_ERROR \"@eq 1\" \"id:4,phase:2,pass\"\n"
                            "SecRule &ARGS \"@eq 1\" \"id:5,phase:2,pass\"\n";
  EXPECT_EQ(run(rules, json(R"({"a":"{\"b\":\"\\u003cx\\u003e\",\"c\":\"[1,\\\"deep\\\"]\"}"})")), (Ids{2, 3}));
  EXPECT_EQ(run(rules, json(R"({"a":"{no json}"})")), Ids{5}) << "text that only looks like it is text";
  std::string many = "{\"a\":\"[1";
  for (int i = 0; i < 2'000; ++i) many += ",1";
  EXPECT_EQ(run(rules, json(many + "]\"}")), Ids{4});
  std::string deep = "1";
  for (int i = 0; i < 12; ++i) {
    std::string quoted;
    for (const char c : "[" + deep + "]") quoted += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    deep = '"' + quoted + '"';
  }
  EXPECT_EQ(run(rules, json("{\"z\":" + deep + "}")), Ids{}) << "stops at its depth, without an error";
}

TEST_F(Language, RefusesWhatItDoesNotDo) {
  for (const std::string line :
       {"SecRuleScript a.lua", "SecRemoteRules k https://x", "SecUnheardOf On", "SecRule ARGS \"@inspectFile a\" \"id:1,phase:2\"",
        "SecRule ARGS \"@rx a\" \"id:1,phase:2,exec:/bin/sh\"", "SecRule ARGS \"@rx a\" \"id:1,phase:2,t:rot13\"",
        "SecRule NOTHING \"@rx a\" \"id:1,phase:2\"", "SecRule ARGS \"@rx a\" \"id:1,phase:2,ctl:everything=off\""})
    EXPECT_TRUE(failure_of("\n" + line).starts_with("t.conf:2:")) << line << ": " << failure_of(line);
}

}  // namespace
}  // namespace bulwark::waf
