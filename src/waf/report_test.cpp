// What leaves the WAF about a match: enough to understand it, no secret.
#include "waf/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulwark::waf {
namespace {

using testing::HasSubstr;
using testing::Not;

Match match_of(const Rule& rule, const std::string& variable, const std::string& value) {
  Match match;
  match.rule = &rule;
  match.variable = variable;
  match.value = value;
  match.decoded = value;
  match.matched = value.substr(0, 4);
  match.message = "seen";
  return match;
}

TEST(Report, ShowsWhatMatchedWhere) {
  Rule rule;
  rule.id = 942100;
  rule.severity = 2;
  rule.tags = {"attack-sqli", "language-multi"};
  const auto finding = make_finding(match_of(rule, "ARGS:q", "evil words"), "5");
  EXPECT_EQ(finding.rule, "942100");
  EXPECT_EQ(finding.severity, events::Severity::high);
  for (const auto* part : {"\"variable\":\"ARGS:q\"", "\"value\":\"evil words\"", "\"matched\":\"evil\"", "\"score\":\"5\"", "attack-sqli"})
    EXPECT_THAT(finding.detail, HasSubstr(part));
  EXPECT_THAT(finding.detail, Not(HasSubstr("language-multi")));
}

TEST(Report, HidesSecretsByTheNameOfTheirField) {
  Rule rule;
  for (const auto* field : {"ARGS:password", "ARGS:newPasswd", "REQUEST_HEADERS:Authorization", "REQUEST_COOKIES:sid", "ARGS:api_key",
                            "ARGS:card_number", "REQUEST_HEADERS:X-Auth-Token"}) {
    EXPECT_TRUE(is_secret_field(field)) << field;
    const auto finding = make_finding(match_of(rule, field, "hunter2"), {});
    EXPECT_THAT(finding.detail, Not(HasSubstr("hunt"))) << field;
    EXPECT_THAT(finding.detail, HasSubstr("\"redacted\":true")) << field;
  }
  EXPECT_FALSE(is_secret_field("ARGS:side"));
}

TEST(Report, ShowsOfAWholeRequestOnlyWhatMatched) {
  Rule rule;
  const auto finding = make_finding(match_of(rule, "REQUEST_BODY", "evil&password=hunter2"), {});
  EXPECT_THAT(finding.detail, HasSubstr("\"matched\":\"evil\""));
  EXPECT_THAT(finding.detail, Not(HasSubstr("hunter2")));
}

TEST(Report, CutsLongValues) {
  Rule rule;
  const auto finding = make_finding(match_of(rule, "ARGS:q", std::string(1000, 'x')), {});
  EXPECT_THAT(finding.detail, Not(HasSubstr(std::string(kMaxShown + 1, 'x'))));
  EXPECT_THAT(finding.detail, HasSubstr(std::string(kMaxShown, 'x')));
}

TEST(Report, NamesWhatIsNoMatchOfARule) {
  Rule rule;
  rule.id = 7;
  Match spent = match_of(rule, "ARGS:q", "");
  spent.budget_exhausted = true;
  EXPECT_EQ(make_finding(spent, {}).rule, "waf.budget");
  Match silent = match_of(rule, "REMOTE_ADDR", "");
  silent.unanswered = true;
  EXPECT_EQ(make_finding(silent, {}).rule, "waf.blocklist");
  Intervention intervention;
  EXPECT_EQ(rule_name(intervention, {}), "waf.body_limit");
  intervention.rule = &rule;
  EXPECT_EQ(rule_name(intervention, {}), "7");
  EXPECT_EQ(rule_name(intervention, {spent}), "waf.budget");
}

}  // namespace
}  // namespace bulwark::waf
