// The WAF as a stage: modes, what it denies and finds, bodies that rules cannot read, and requests that the edge refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gateway/stage.h"
#include "waf/rule_set.h"

namespace bulwark::waf {
namespace {

using gateway::Phase;
using gateway::Verdict;
using testing::Contains;
using testing::ElementsAre;

class WafStageTest : public testing::Test {
 protected:
  WafStageTest() {
    std::ofstream(file_) << "SecRule ARGS \"@contains evil\" \"id:1,phase:2,deny,status:409\"\n"
                            "SecRule REQUEST_HEADERS:X-Early \"@streq evil\" \"id:2,phase:1,deny\"\n"
                            "SecRule RESPONSE_HEADERS:X-Leak \"@streq yes\" \"id:3,phase:3,deny\"\n";
    Settings settings;
    settings.rules = {file_.string()};
    auto loaded = RuleSet::load(settings);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message;
    rules_ = *loaded;
  }
  ~WafStageTest() override { std::filesystem::remove(file_); }

  std::shared_ptr<const gateway::Stage> stage(const RouteSettings& settings = {}) const {
    auto made = make_stage(rules_, settings);
    EXPECT_TRUE(made.ok());
    return *made;
  }
  static void ask(gateway::Exchange& exchange, std::string_view target, std::vector<gateway::Header> headers = {}) {
    exchange.request.method = "GET";
    exchange.request.target = target;
    exchange.request.version = 11;
    exchange.request.headers.list = std::move(headers);
  }
  /// Head and body, if the head passes.
  static Verdict run(const gateway::Stage& stage, gateway::Exchange& exchange) {
    auto verdict = *stage.run(Phase::request_head, exchange, 0);
    return verdict == Verdict::pass ? *stage.run(Phase::request_body, exchange, 0) : verdict;
  }
  static std::vector<std::string> found(const gateway::Exchange& exchange) {
    std::vector<std::string> rules;
    for (const auto& finding : exchange.findings()) rules.push_back(finding.rule);
    return rules;
  }

  std::filesystem::path file_ = std::filesystem::temp_directory_path() / ("bulwark_stage_" + std::to_string(::getpid()) + ".conf");
  std::shared_ptr<const RuleSet> rules_;
};

TEST_F(WafStageTest, PassesAndDenies) {
  const auto waf = stage();
  gateway::Exchange fine;
  ask(fine, "/?q=fine");
  EXPECT_EQ(run(*waf, fine), Verdict::pass);
  EXPECT_EQ(fine.denial(), nullptr);
  gateway::Exchange evil;
  ask(evil, "/?q=evil");
  EXPECT_EQ(run(*waf, evil), Verdict::deny);
  ASSERT_NE(evil.denial(), nullptr);
  EXPECT_EQ(evil.denial()->status, 409);
  EXPECT_EQ(evil.denial()->rule, "1");
  EXPECT_THAT(found(evil), ElementsAre("1"));
  gateway::Exchange early;
  ask(early, "/", {{"X-Early", "evil"}});
  EXPECT_EQ(*waf->run(Phase::request_head, early, 0), Verdict::deny) << "before any body";
}

TEST_F(WafStageTest, OnlyRecordsInMonitorModeAndNothingWhenOff) {
  gateway::Exchange exchange;
  ask(exchange, "/?q=evil");
  EXPECT_EQ(run(*stage({.mode = Mode::monitor}), exchange), Verdict::pass);
  EXPECT_THAT(found(exchange), ElementsAre("1"));
  EXPECT_EQ(stage({.mode = Mode::off})->info().phases, 0);
}

TEST_F(WafStageTest, LooksAtResponsesWhereAsked) {
  const auto waf = stage({.inspect_responses = true});
  EXPECT_NE(waf->info().phases & gateway::bit(Phase::response_head), 0);
  EXPECT_EQ(stage()->info().phases & gateway::bit(Phase::response_head), 0);
  gateway::Exchange exchange;
  ask(exchange, "/");
  ASSERT_EQ(run(*waf, exchange), Verdict::pass);
  exchange.response.status = 200;
  exchange.response.headers.list = {{"X-Leak", "yes"}};
  EXPECT_EQ(*waf->run(Phase::response_head, exchange, 0), Verdict::deny);
}

TEST_F(WafStageTest, RefusesBodiesThatNoRuleCanRead) {
  gateway::Exchange exchange;
  ask(exchange, "/", {{"Content-Encoding", "gzip"}});
  exchange.request.body = "\x1f\x8b";
  EXPECT_EQ(run(*stage(), exchange), Verdict::deny);
  EXPECT_EQ(exchange.denial()->status, 415);
  gateway::Exchange trusted;
  ask(trusted, "/", {{"Content-Encoding", "gzip"}});
  trusted.request.body = "\x1f\x8b";
  EXPECT_EQ(run(*stage({.on_encoded_body = Uninspected::log}), trusted), Verdict::pass);
  EXPECT_THAT(found(trusted), ElementsAre("waf.encoded_body"));
}

TEST_F(WafStageTest, SaysWhatRulesThinkOfRefusedRequests) {
  auto observer = make_refusal_observer(rules_, {});
  ASSERT_TRUE(observer.ok());
  gateway::Exchange exchange;
  (*observer)->refused("GET /?q=evil HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n", exchange);
  EXPECT_THAT(found(exchange), Contains("1"));
  EXPECT_EQ(exchange.denial(), nullptr) << "the edge has answered";
  for (const auto* raw : {"", "\r\n", "GET", "GET /", "\0\0\0\0", "GET / HTTP/1.1\r\n: \r\n:\r\n"}) {
    gateway::Exchange other;
    (*observer)->refused(raw, other);
  }
}

TEST_F(WafStageTest, KnowsNoOtherRuleSet) {
  EXPECT_FALSE(make_stage(rules_, {.rule_set = "other"}).ok());
  EXPECT_FALSE(make_refusal_observer(rules_, {.rule_set = "other"}).ok());
}

}  // namespace
}  // namespace bulwark::waf
