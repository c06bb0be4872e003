#include "waf/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "waf/base_rules.h"
#include "waf/compiler/compiler.h"
#include "waf/rule_set.h"
#include "waf/seclang/reader.h"

namespace bulwark::waf {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

struct Given {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers{{"Host", "shop.example"}, {"User-Agent", "Mozilla/5.0"}, {"Accept", "*/*"}};
  std::string body;
};

std::shared_ptr<const Program> program_of(std::string_view text) {
  auto document = seclang::read_text(text, "t.conf");
  EXPECT_TRUE(document.ok()) << document.error().message;
  auto program = compile(*document, {});
  EXPECT_TRUE(program.ok()) << program.error().message;
  return *program;
}

std::string compile_failure(std::string_view text) {
  const auto document = seclang::read_text(text, "t.conf");
  if (!document.ok()) return document.error().message;
  const auto program = compile(*document, {});
  return program.ok() ? "" : program.error().message;
}

class Wafs : public testing::Test {
 protected:
  void run(const std::shared_ptr<const Program>& program, const Given& given, Policy policy = {}) {
    given_ = given;
    transaction_.begin(program, std::make_shared<Policy>(std::move(policy)), &store_);
    transaction_.set_request({given_.method, given_.target, "HTTP/1.1", {}},
                             {*Endpoint::parse("203.0.113.9:4711"), *Endpoint::parse("127.0.0.1:80"), "id", ""});
    for (const auto& [name, value] : given_.headers) transaction_.add_request_header(name, value);
    if (!given_.body.empty())
      given_length_ = std::to_string(given_.body.size()), transaction_.add_request_header("Content-Length", given_length_);
    transaction_.run_request_headers();
    transaction_.run_request_body(given_.body);
    transaction_.run_logging();
  }
  std::vector<std::uint64_t> ids() const {
    std::vector<std::uint64_t> out;
    for (const auto& match : transaction_.matches()) out.push_back(match.rule->id);
    return out;
  }

  ManualClock clock_;
  PersistentStore store_;
  Transaction transaction_{clock_};
  Given given_;
  std::string given_length_;
};

TEST_F(Wafs, DecodesWithTheUnicodeMapOfTheRules) {
  const auto file = std::filesystem::temp_directory_path() / ("bulwark_map_" + std::to_string(::getpid()));
  std::ofstream(file) << "20127 (US-ASCII)\n2019:27\n";
  const auto program =
      program_of("SecUnicodeMapFile " + file.string() + " 20127\nSecRule ARGS \"@streq '\" \"id:1,phase:1,deny,t:none,t:urlDecodeUni\"");
  std::filesystem::remove(file);
  run(program, {.target = "/?q=%25u2019"});
  EXPECT_THAT(ids(), ElementsAre(1));
  EXPECT_THAT(compile_failure("SecUnicodeMapFile " + file.string() + " 20127"), testing::HasSubstr("cannot read"));
  EXPECT_THAT(compile_failure("SecUnicodeMapFile x"), testing::HasSubstr("a file and a code page"));
}

TEST_F(Wafs, MatchesTransformedArguments) {
  const auto program = program_of("SecRule ARGS \"@contains <script\" \"id:1,phase:1,deny,t:none,t:urlDecodeUni,t:lowercase\"");
  run(program, {.target = "/?q=%253CScRiPt"});
  EXPECT_THAT(ids(), ElementsAre(1));
  EXPECT_EQ(transaction_.matches()[0].variable, "ARGS:q");
  EXPECT_EQ(transaction_.matches()[0].decoded, "<script");
  ASSERT_NE(transaction_.intervention(), nullptr);
  EXPECT_EQ(transaction_.intervention()->status, 403);
  run(program, {.target = "/?q=script"});
  EXPECT_THAT(ids(), ElementsAre());
  EXPECT_EQ(transaction_.intervention(), nullptr);
}

TEST_F(Wafs, ScoresOncePerMatchingValue) {
  const auto program = program_of(
      "SecRule ARGS \"@rx evil\" \"id:1,phase:1,pass,setvar:'tx.score=+5'\"\n"
      "SecRule TX:score \"@ge 10\" \"id:2,phase:1,deny,msg:'score %{tx.score}'\"\n");
  run(program, {.target = "/?a=evil&b=fine&c=evil"});
  EXPECT_EQ(transaction_.tx("score"), "10");
  EXPECT_THAT(ids(), ElementsAre(1, 2));
  EXPECT_EQ(transaction_.matches()[1].message, "score 10");
  run(program, {.target = "/?a=evil"});
  EXPECT_EQ(transaction_.intervention(), nullptr);
}

TEST_F(Wafs, RunsChainsCapturesAndMacros) {
  const auto program = program_of(
      "SecRule REQUEST_HEADERS:X-A \"@rx ^(\\w+)-(\\w+)$\" \"id:1,phase:1,deny,status:418,capture,chain\"\n"
      "  SecRule TX:2 \"@streq %{request_headers.x-b}\" \"setvar:tx.found=%{tx.1}/%{matched_var_name}\"\n");
  Given given;
  given.headers.insert(given.headers.end(), {{"X-A", "one-two"}, {"X-B", "two"}});
  run(program, given);
  EXPECT_THAT(ids(), ElementsAre(1));
  EXPECT_EQ(transaction_.tx("found"), "one/TX:2");
  EXPECT_EQ(transaction_.intervention()->status, 418);
  given.headers.back().second = "three";
  run(program, given);
  EXPECT_THAT(ids(), ElementsAre());
}

TEST_F(Wafs, SkipsToMarkersAndByNumber) {
  const auto program = program_of(
      "SecRule ARGS:go \"@streq after\" \"id:1,phase:1,pass,nolog,skipAfter:END\"\n"
      "SecRule ARGS:go \"@streq one\" \"id:2,phase:1,pass,nolog,skip:1\"\n"
      "SecAction \"id:3,phase:1,pass\"\n"
      "SecAction \"id:4,phase:1,pass\"\n"
      "SecMarker END\n"
      "SecAction \"id:5,phase:1,pass\"\n");
  run(program, {.target = "/?go=after"});
  EXPECT_THAT(ids(), ElementsAre(5));
  run(program, {.target = "/?go=one"});
  EXPECT_THAT(ids(), ElementsAre(4, 5));
  run(program, {});
  EXPECT_THAT(ids(), ElementsAre(3, 4, 5));
}

TEST_F(Wafs, CountsAndExcludes) {
  const auto program = program_of(
      "SecRule &ARGS \"@eq 2\" \"id:1,phase:1,pass\"\n"
      "SecRule ARGS|!ARGS:skip|!ARGS:/^ig/ \"@streq x\" \"id:2,phase:1,pass\"\n"
      "SecRule &ARGS:none \"@eq 0\" \"id:3,phase:1,pass\"\n"
      "SecRule ARGS_NAMES \"@streq skip\" \"id:4,phase:1,pass\"\n"
      "SecRule ARGS \"!@rx ^x$\" \"id:5,phase:1,pass\"\n");
  run(program, {.target = "/?skip=x&ignored=x"});
  EXPECT_THAT(ids(), ElementsAre(1, 3, 4));
}

TEST_F(Wafs, ControlsOtherRules) {
  const auto program = program_of(
      "SecRule ARGS:mode \"@streq rule\" \"id:1,phase:1,pass,nolog,ctl:ruleRemoveById=10-11\"\n"
      "SecRule ARGS:mode \"@streq tag\" \"id:2,phase:1,pass,nolog,ctl:ruleRemoveByTag=attack\"\n"
      "SecRule ARGS:mode \"@streq target\" \"id:3,phase:1,pass,nolog,ctl:ruleRemoveTargetById=10;ARGS:q\"\n"
      "SecRule ARGS:mode \"@streq detect\" \"id:4,phase:1,pass,nolog,ctl:ruleEngine=DetectionOnly\"\n"
      "SecRule ARGS:mode \"@streq off\" \"id:5,phase:1,pass,nolog,ctl:ruleEngine=Off\"\n"
      "SecRule ARGS \"@streq x\" \"id:10,phase:1,deny,tag:attack-x\"\n");
  const auto denied = [&](const std::string& target) {
    run(program, {.target = target});
    return transaction_.intervention() != nullptr && transaction_.intervention()->enforced;
  };
  EXPECT_TRUE(denied("/?q=x"));
  EXPECT_FALSE(denied("/?q=x&mode=rule"));
  EXPECT_FALSE(denied("/?q=x&mode=tag"));
  EXPECT_FALSE(denied("/?q=x&mode=target"));
  EXPECT_TRUE(denied("/?p=x&mode=target"));
  EXPECT_FALSE(denied("/?q=x&mode=detect"));
  EXPECT_THAT(ids(), ElementsAre(10));
  EXPECT_FALSE(denied("/?q=x&mode=off"));
  EXPECT_THAT(ids(), ElementsAre());
}

TEST_F(Wafs, AppliesRemovalsAndUpdatesOfTheFiles) {
  const auto program = program_of(
      "SecRule ARGS \"@streq x\" \"id:1,phase:1,pass,tag:one\"\n"
      "SecRule ARGS \"@streq x\" \"id:2,phase:1,pass,chain\"\n"
      "  SecRule ARGS \"@streq x\"\n"
      "SecRule ARGS \"@streq x\" \"id:3,phase:1,pass\"\n"
      "SecRule ARGS \"@streq x\" \"id:4,phase:1,pass\"\n"
      "SecRuleRemoveById 2\n"
      "SecRuleUpdateTargetById 3 !ARGS:q\n"
      "SecRuleUpdateTargetByTag one REQUEST_HEADERS:User-Agent\n"
      "SecRuleUpdateActionById 4 deny,status:402\n");
  run(program, {.target = "/?q=x"});
  EXPECT_THAT(ids(), ElementsAre(1, 4));
  EXPECT_EQ(transaction_.intervention()->status, 402);
}

TEST_F(Wafs, KeepsPersistentCollectionsUntilTheyExpire) {
  const auto program = program_of(
      "SecAction \"id:1,phase:1,pass,nolog,initcol:ip=%{remote_addr}\"\n"
      "SecAction \"id:2,phase:1,pass,nolog,setvar:ip.count=+1,expirevar:ip.count=60\"\n"
      "SecRule IP:COUNT \"@gt 2\" \"id:3,phase:1,deny\"\n");
  run(program, {});
  run(program, {});
  EXPECT_EQ(transaction_.intervention(), nullptr);
  run(program, {});
  EXPECT_NE(transaction_.intervention(), nullptr);
  clock_.advance(std::chrono::seconds(61));
  run(program, {});
  EXPECT_EQ(transaction_.intervention(), nullptr);
}

TEST_F(Wafs, UnsetsVariablesAndMatchesAtEveryStep) {
  const auto program = program_of(
      "SecAction \"id:1,phase:1,pass,nolog,setvar:tx.a=1,setvar:tx.b,setvar:!tx.a,setvar:tx.c=5,setvar:tx.c=-2\"\n"
      "SecRule ARGS \"@rx %41\" \"id:2,phase:1,pass,t:none,t:urlDecode,multiMatch\"\n"
      "SecRule ARGS \"@rx ^A$\" \"id:3,phase:1,pass,t:none,t:urlDecode,multiMatch\"\n");
  run(program, {.target = "/?q=%2541"});
  EXPECT_EQ(transaction_.tx("a").data(), nullptr);
  EXPECT_EQ(transaction_.tx("b"), "1");
  EXPECT_EQ(transaction_.tx("c"), "3");
  EXPECT_THAT(ids(), ElementsAre(2, 3));
}

TEST_F(Wafs, SeesWhatChangedBetweenPhases) {
  const auto program = program_of(
      "SecRule &ARGS \"@eq 1\" \"id:1,phase:1,pass\"\n"
      "SecRule ARGS \"@streq x\" \"id:2,phase:1,pass,t:none,t:lowercase\"\n"
      "SecRule &ARGS \"@eq 2\" \"id:3,phase:2,pass\"\n"
      "SecRule ARGS \"@streq x\" \"id:4,phase:2,pass,t:none,t:lowercase\"\n"
      "SecRule ARGS:b \"@streq x\" \"id:5,phase:2,pass\"\n"
      "SecRule ARGS \"!@streq x\" \"id:6,phase:5,pass,t:none,t:lowercase\"\n");
  Given given{.method = "POST", .target = "/?a=X", .body = "b=x"};
  given.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  run(program, given);
  EXPECT_THAT(ids(), ElementsAre(1, 2, 3, 4, 5));
  run(program, {.target = "/?a=y"});
  EXPECT_THAT(ids(), ElementsAre(1, 6)) << "nothing of the request before";
}

TEST_F(Wafs, SelectsVariablesOfTheTransactionByPattern) {
  const auto program = program_of(
      "SecAction \"id:1,phase:1,pass,nolog,setvar:tx.header_known=1,setvar:'tx.header_%{args.name}=1',setvar:tx.other=1\"\n"
      "SecRule TX:/^HEADER_/ \"@streq 1\" \"id:2,phase:1,pass,setvar:'tx.seen=%{tx.seen} %{matched_var_name}'\"\n"
      "SecRule &TX:/^header_/ \"@eq 2\" \"id:3,phase:1,pass\"\n");
  run(program, {.target = "/?name=made"});
  EXPECT_THAT(ids(), ElementsAre(2, 3));
  EXPECT_EQ(transaction_.tx("seen"), " TX:header_known TX:header_made");
}

TEST_F(Wafs, TurnsXmlIntoArgumentsWhereToldTo) {
  const std::string rules =
      "SecRule REQUEST_HEADERS:Content-Type \"@contains xml\" \"id:1,phase:1,pass,nolog,ctl:requestBodyProcessor=XML\"\n"
      "SecRule REQUEST_HEADERS:X-Args \"@streq only\" \"id:2,phase:1,pass,nolog,ctl:parseXmlIntoArgs=OnlyArgs\"\n"
      "SecRule ARGS:xml.order.item \"@streq evil\" \"id:3,phase:2,pass\"\n"
      "SecRule XML:/* \"@contains evil\" \"id:4,phase:2,pass\"\n";
  Given given{.headers = {{"Content-Type", "text/xml"}}, .body = "<order><item>fine</item><item>evil</item></order>"};
  run(program_of(rules), given);
  EXPECT_THAT(ids(), ElementsAre(4));
  run(program_of("SecParseXmlIntoArgs On\n" + rules), given);
  EXPECT_THAT(ids(), ElementsAre(3, 4));
  given.headers.emplace_back("X-Args", "only");
  run(program_of("SecArgumentsLimit 2\n" + rules), given);
  EXPECT_THAT(ids(), ElementsAre(3));
  const std::string limited = "SecArgumentsLimit 1\n" + rules + "SecRule REQBODY_ERROR \"@eq 1\" \"id:5,phase:2,pass\"\n";
  run(program_of(limited), given);
  EXPECT_THAT(ids(), ElementsAre(5));
  EXPECT_THAT(compile_failure("SecParseXmlIntoArgs Maybe"), testing::HasSubstr("OnlyArgs"));
}

TEST_F(Wafs, SpentBudgetsLeaveLessForThePatternsThatFollow) {
  std::string rules;
  for (int i = 1; i <= 8; ++i) rules += "SecRule ARGS:runaway \"@rx ^(?:a+)+b$\" \"id:" + std::to_string(i) + ",phase:1,pass,t:none\"\n";
  rules += "SecRule ARGS:long \"!@rx ^(?:a+)+b$\" \"id:100,phase:1,pass,t:none\"\n";
  const auto program = program_of(rules);
  const Policy monitor{.engine = Engine::detect, .deny_when_budget_is_spent = false};
  run(program, {.target = "/?long=aaaaaaaaaaaaazb"}, monitor);
  ASSERT_EQ(transaction_.matches().size(), 1);
  EXPECT_FALSE(transaction_.matches()[0].budget_exhausted) << "within its own budget";
  run(program, {.target = "/?runaway=" + std::string(40, 'a') + "zb&long=aaaaaaaaaaaaazb"}, monitor);
  ASSERT_EQ(transaction_.matches().size(), 9);
  for (const auto& match : transaction_.matches()) EXPECT_TRUE(match.budget_exhausted);
  run(program, {.target = "/?long=aaaaaaaaaaaaazb"}, monitor);
  EXPECT_FALSE(transaction_.matches().at(0).budget_exhausted) << "the next transaction starts afresh";
}

TEST_F(Wafs, LooksAtEveryValueAfterADenial) {
  const auto program = program_of(
      "SecRule ARGS:a \"@streq x\" \"id:1,phase:1,deny\"\n"
      "SecRule ARGS \"@streq x\" \"id:2,phase:5,pass,setvar:tx.seen=+1\"\n");
  run(program, {.target = "/?a=x&b=x&c=x"});
  EXPECT_THAT(ids(), ElementsAre(1, 2));
  EXPECT_EQ(transaction_.tx("seen"), "3");
}

TEST_F(Wafs, FiltersEachStepOfAMultiMatch) {
  const auto program = program_of(
      "SecRule ARGS \"@rx alert\\(\" \"id:1,phase:1,pass,t:none,t:urlDecode,t:lowercase,multiMatch\"\n"
      "SecRule ARGS \"!@rx alert\\(\" \"id:2,phase:1,pass,t:none,t:lowercase,multiMatch,setvar:tx.without=+1\"\n");
  run(program, {.target = "/?q=ALERT%2528"});
  EXPECT_THAT(ids(), ElementsAre(1, 2));
  EXPECT_EQ(transaction_.tx("without"), "2") << "neither as it came nor in lower case";
  run(program, {.target = "/?q=alert("});
  EXPECT_THAT(ids(), ElementsAre(1)) << "it stands there as it came";
}

TEST_F(Wafs, HonoursThePolicyOfTheRoute) {
  const auto program = program_of(
      "SecRule ARGS \"@streq x\" \"id:10,phase:1,deny,tag:attack-x\"\nSecRule TX:paranoia_level \"@ge 2\" \"id:11,phase:1,deny\"");
  RouteSettings settings;
  settings.exclusions.push_back({"10", "ARGS:q", "free text", "2099-01-01"});
  const auto policy = make_policy(*program, settings);
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  run(program, {.target = "/?q=x"}, **policy);
  EXPECT_EQ(transaction_.intervention(), nullptr);
  run(program, {.target = "/?p=x"}, **policy);
  EXPECT_NE(transaction_.intervention(), nullptr);

  settings.exclusions[0].expires = "2001-01-01";
  run(program, {.target = "/?q=x"}, **make_policy(*program, settings));
  EXPECT_NE(transaction_.intervention(), nullptr);
  settings.mode = Mode::monitor;
  run(program, {.target = "/?q=x"}, **make_policy(*program, settings));
  ASSERT_NE(transaction_.intervention(), nullptr);
  EXPECT_FALSE(transaction_.intervention()->enforced);
  settings.paranoia_level = 2;
  run(program, {}, **make_policy(*program, settings));
  EXPECT_THAT(ids(), ElementsAre(11));

  settings.exclusions[0].rule = "4711";
  EXPECT_FALSE(make_policy(*program, settings).ok());
  settings.exclusions[0] = {"10", "NOT_A_VARIABLE:x", "", ""};
  EXPECT_FALSE(make_policy(*program, settings).ok());
}

TEST(Compiler, RefusesToSwitchOnWhatDoesNotExist) {
  for (const std::string name : {"SecConnEngine", "SecContentInjection", "SecHashEngine", "SecInterceptOnError",
                                 "SecStreamInBodyInspection", "SecStreamOutBodyInspection", "SecXmlExternalEntity"}) {
    EXPECT_EQ(compile_failure(name + " Off"), "");
    EXPECT_THAT(compile_failure(name + " On"), testing::HasSubstr("is not supported"));
  }
  EXPECT_EQ(compile_failure("SecCookieFormat 0\nSecCookieV0Separator ;"), "");
  EXPECT_THAT(compile_failure("SecCookieFormat 1"), testing::HasSubstr("t.conf:1:1"));
  EXPECT_THAT(compile_failure("SecCookieV0Separator ,"), testing::HasSubstr("semicolon"));
  for (const std::string name :
       {"SecGsbLookupDb", "SecHttpBlKey", "SecRemoteRules", "SecConnReadStateLimit", "SecGuardianLog", "SecChrootDir"})
    EXPECT_THAT(compile_failure(name + " x"), testing::HasSubstr("is not supported"));
}

TEST(Compiler, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(compile_failure("SecRule ARGZ \"@rx x\" \"id:1\""), "t.conf:1:1: variable ARGZ is not supported");
  EXPECT_NE(compile_failure("SecRule ARGS \"@rx x\" \"id:1,nonsense:2\"").find("action nonsense is not supported"), std::string::npos);
  EXPECT_NE(compile_failure("SecRule ARGS \"@rx x\" \"phase:1\"").find("the rule has no id"), std::string::npos);
  EXPECT_NE(compile_failure("SecAction id:1\nSecAction id:1").find("t.conf:2:1: rule id 1 is used twice, first in t.conf:1"),
            std::string::npos);
  EXPECT_NE(compile_failure("SecRule ARGS \"@rx x\" \"id:1,chain\"").find("has no next rule"), std::string::npos);
  EXPECT_NE(compile_failure("SecRule ARGS \"@rx (\" \"id:1\"").find("t.conf:1:1: "), std::string::npos);
  EXPECT_NE(compile_failure("SecRule ARGS \"@frobnicate x\" \"id:1\"").find("t.conf:1:1: "), std::string::npos);
  EXPECT_NE(compile_failure("SecRule ARGS \"@rx x\" \"id:1,ctl:nonsense=1\"").find("not supported"), std::string::npos);
  EXPECT_NE(compile_failure("SecRuleEngine Perhaps").find("t.conf:1:1: SecRuleEngine expects"), std::string::npos);
}

/// Debian's CRS 3.3.4, unmodified.
class CoreRuleSet : public Wafs {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(Settings::kDefaultRules)) return;
    auto loaded = RuleSet::load({});
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    rules_ = *loaded;
    policy_ = **make_policy(*rules_->program("default"), {});
  }
  void SetUp() override {
    if (!rules_) GTEST_SKIP() << "Debian's package modsecurity-crs is not installed";
  }
  bool blocks(const Given& given) {
    run(rules_->program("default"), given, policy_);
    return transaction_.intervention() != nullptr;
  }
  static Given with_body(std::string type, std::string body) {
    Given given{.method = "POST", .target = "/api/orders", .body = std::move(body)};
    given.headers.emplace_back("Content-Type", std::move(type));
    return given;
  }
  static std::shared_ptr<const RuleSet> rules_;
  static Policy policy_;
};
std::shared_ptr<const RuleSet> CoreRuleSet::rules_;
Policy CoreRuleSet::policy_;

TEST_F(CoreRuleSet, LetsOrdinaryRequestsPass) {
  EXPECT_FALSE(blocks({})) << testing::PrintToString(ids());
  EXPECT_FALSE(blocks({.target = "/search?q=blue+shoes&page=2&sort=price"})) << testing::PrintToString(ids());
  EXPECT_FALSE(
      blocks(with_body("application/json", R"({"name":"Ada Lovelace","items":[{"sku":"A-17","count":2}],"note":"Leave at the door"})")))
      << testing::PrintToString(ids());
  EXPECT_FALSE(blocks(with_body("application/x-www-form-urlencoded", "name=Ada&street=Main+Street+1&city=London")))
      << testing::PrintToString(ids());
}

TEST_F(CoreRuleSet, BlocksInTheQuery) {
  EXPECT_TRUE(blocks({.target = "/?id=1%20UNION%20SELECT%20password%20FROM%20users"}));
  EXPECT_THAT(ids(), Contains(942190));
  EXPECT_TRUE(blocks({.target = "/?id=1%27%20OR%20%271%27=%271"}));
  EXPECT_THAT(ids(), Contains(942100));
  EXPECT_THAT(ids(), Contains(949110));
  EXPECT_TRUE(blocks({.target = "/?q=%3Cscript%3Ealert(1)%3C/script%3E"}));
  EXPECT_THAT(ids(), Contains(941100));
  EXPECT_TRUE(blocks({.target = "/?file=../../../../etc/passwd"}));
  EXPECT_THAT(ids(), Contains(930120));
}

TEST_F(CoreRuleSet, BlocksInForms) {
  EXPECT_TRUE(blocks(with_body("application/x-www-form-urlencoded", "name=x&comment=1+UNION+SELECT+password+FROM+users--")));
  EXPECT_THAT(ids(), Contains(942190));
}

TEST_F(CoreRuleSet, BlocksInJson) {
  EXPECT_TRUE(blocks(with_body("application/json; charset=utf-8", R"({"a":{"b":["x","<img src=x onerror=alert(1)>"]}})")));
  const auto& matches = transaction_.matches();
  EXPECT_TRUE(std::any_of(matches.begin(), matches.end(), [](const Match& match) { return match.variable == "ARGS:json.a.b.array_1"; }));
}

TEST_F(CoreRuleSet, BlocksInMultipart) {
  EXPECT_TRUE(
      blocks(with_body("multipart/form-data; boundary=xyz",
                       "--xyz\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n; cat /etc/passwd\r\n--xyz\r\n"
                       "Content-Disposition: form-data; name=\"f\"; filename=\"a.php\"\r\n\r\n<?php system($_GET[1]);\r\n--xyz--\r\n")));
  EXPECT_THAT(ids(), Contains(933110));
  EXPECT_THAT(ids(), Contains(932160));
}

TEST_F(CoreRuleSet, BlocksInHeaders) {
  Given given;
  given.headers[1].second = "sqlmap/1.7";
  EXPECT_TRUE(blocks(given));
  EXPECT_THAT(ids(), Contains(913100));
  given.headers[1].second = "() { :;}; /bin/cat /etc/passwd";
  EXPECT_TRUE(blocks(given));
  EXPECT_THAT(ids(), Contains(932170));
}

TEST_F(CoreRuleSet, RefusesBodiesThatCannotBeRead) {
  EXPECT_TRUE(blocks(with_body("application/json", R"({"a":)")));
  EXPECT_THAT(ids(), Contains(200002));
  EXPECT_EQ(transaction_.intervention()->status, 400);
}

}  // namespace
}  // namespace bulwark::waf
