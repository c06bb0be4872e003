#include "waf/seclang/reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace bulwark::waf::seclang {
namespace {

std::string failure(std::string_view text) {
  const auto read = read_text(text, "t.conf");
  return read.ok() ? "" : read.error().message;
}

const Rule& only_rule(const Result<Document>& document) { return std::get<Rule>(document.value().directives.at(0).what); }

TEST(SecLangReader, TakesARuleApart) {
  const auto document = read_text(
      "# a comment\n"
      "SecRule REQUEST_COOKIES|!REQUEST_COOKIES:/__utm|x/|&ARGS:a|XML:/* \"@rx a\\\"b\\\\d,\" \\\n"
      "    \"id:1,\\\n"
      "    phase:2,t:none,t:urlDecodeUni,msg:'It\\'s, really',setvar:'tx.a=+%{tx.b}',chain\"\n",
      "t.conf");
  ASSERT_TRUE(document.ok()) << document.error().message;
  const Rule& rule = only_rule(document);
  ASSERT_EQ(rule.variables.size(), 4u);
  EXPECT_TRUE(rule.variables[1].exclusion);
  EXPECT_EQ(rule.variables[1].selector_kind, VariablePart::Selector::regex);
  EXPECT_EQ(rule.variables[1].selector, "__utm|x");
  EXPECT_TRUE(rule.variables[2].count);
  EXPECT_EQ(rule.variables[2].selector, "a");
  EXPECT_EQ(rule.variables[3].selector_kind, VariablePart::Selector::xpath);
  EXPECT_EQ(rule.variables[3].selector, "/*");
  EXPECT_EQ(rule.op.name, "rx");
  EXPECT_EQ(rule.op.argument, "a\"b\\d,");
  const auto third = read_text(R"(SecRule ARGS "@rx b\\\\d\"" "id:1")", "t", Escapes::quote_only);
  ASSERT_TRUE(third.ok());
  EXPECT_EQ(only_rule(third).op.argument, R"(b\\\\d")");
  ASSERT_EQ(rule.actions.size(), 7u);
  EXPECT_EQ(rule.actions[4].value, "It's, really");
  EXPECT_EQ(rule.actions[5].value, "tx.a=+%{tx.b}");
  EXPECT_FALSE(rule.actions[6].has_value);
  EXPECT_EQ(document->directives[0].at.line, 2u);
}

TEST(SecLangReader, UnderstandsNegationAndDefaultOperator) {
  EXPECT_TRUE(only_rule(read_text("SecRule ARGS \"!@streq a b\" \"id:1\"", "t")).op.negated);
  EXPECT_EQ(only_rule(read_text("SecRule ARGS ^x$ id:1", "t")).op.argument, "^x$");
  EXPECT_EQ(only_rule(read_text("SecRule ARGS !^x$ id:1", "t")).op.name, "rx");
}

TEST(SecLangReader, ErrorsNameFileLineAndColumn) {
  EXPECT_EQ(failure("\n\n  SecNonsense On\n"), "t.conf:3:3: directive SecNonsense is not supported");
  EXPECT_EQ(failure("SecRule ARGS \"@rx x\n"), "t.conf:1:14: this quote is never closed");
  EXPECT_EQ(failure("SecRule ARGS\n"), "t.conf:1:1: SecRule needs 2 arguments");
  EXPECT_EQ(failure("SecMarker a b\n"), "t.conf:1:13: SecMarker takes at most 1 argument");
  EXPECT_NE(failure("SecRule ARGS:/x \"@rx x\" \"id:1\"").find("no closing '/'"), std::string::npos);
  EXPECT_NE(failure("SecRuleRemoveById abc").find("t.conf:1:19: expected a rule id"), std::string::npos);
  EXPECT_NE(failure("SecRule ARGS \"@rx x\" \"id:1,msg:'x\"").find("not closed"), std::string::npos);
}

TEST(SecLangReader, ReadsSelections) {
  const auto document =
      read_text("SecRuleRemoveById 1 5-9,12\nSecRuleRemoveByTag \"attack-.*\"\nSecRuleUpdateTargetById 1 \"!ARGS:x\"", "t");
  ASSERT_TRUE(document.ok()) << document.error().message;
  const auto& ids = std::get<RemoveRules>(document->directives[0].what).selection.ids;
  ASSERT_EQ(ids.size(), 3u);
  EXPECT_EQ(ids[1].first, 5u);
  EXPECT_EQ(ids[1].last, 9u);
  EXPECT_EQ(std::get<RemoveRules>(document->directives[1].what).selection.tag, "attack-.*");
  EXPECT_TRUE(std::get<UpdateTargets>(document->directives[2].what).variables[0].exclusion);
}

TEST(SecLangReader, FollowsIncludesWithinLimits) {
  const auto directory = std::filesystem::temp_directory_path() / ("bulwark_reader_" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "b.conf") << "SecMarker b\n";
  std::ofstream(directory / "a.conf") << "SecMarker a\n";
  std::ofstream(directory / "main.load") << "Include *.conf\nIncludeOptional nothing/*.conf\n";
  std::ofstream(directory / "loop.load") << "Include loop.load\n";
  const auto document = read_files({(directory / "main.load").string()});
  ASSERT_TRUE(document.ok()) << document.error().message;
  ASSERT_EQ(document->directives.size(), 2u);
  EXPECT_EQ(std::get<Marker>(document->directives[0].what).name, "a");
  const auto loop = read_files({(directory / "loop.load").string()});
  ASSERT_FALSE(loop.ok());
  EXPECT_NE(loop.error().message.find("nested too deeply"), std::string::npos);
  EXPECT_FALSE(read_files({(directory / "missing*.conf").string()}).ok());
  std::filesystem::remove_all(directory);
}

TEST(SecLangReader, ReadsTheCoreRuleSet) {
  const char* path = "/usr/share/modsecurity-crs/owasp-crs.load";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "Debian's package modsecurity-crs is not installed";
  const auto document = read_files({path});
  ASSERT_TRUE(document.ok()) << document.error().message;
  EXPECT_GT(document->directives.size(), 600u);
}

}  // namespace
}  // namespace bulwark::waf::seclang
