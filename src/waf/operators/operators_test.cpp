// The operators: the public language vectors, what they refuse, what a match leaves behind.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "waf/language_vectors.h"
#include "waf/operators/aho_corasick.h"
#include "waf/operators/operator.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf {
namespace {

std::unique_ptr<const Operator> made(std::string_view name, std::string_view argument, const OperatorEnvironment& environment = {}) {
  auto result = make_operator(name, argument, environment);
  EXPECT_TRUE(result.ok()) << name << " " << argument << ": " << result.error().message;
  return result.ok() ? std::move(*result) : nullptr;
}

bool matches(std::string_view name, std::string_view argument, std::string_view value) {
  const auto op = made(name, argument);
  MatchContext context;
  return op && op->match(value, context);
}

struct LeftOut {
  std::string_view name;
  std::string_view argument;
  std::string_view reason;
};
constexpr LeftOut kLeftOut[] = {
    {"ipMatch", "10.0.0.0/100",
     "IPv4 has no prefix of 100 bits: the rule is refused when it loads; the vector expects it to match nothing"},
    {"validateByteRange", "xxx",
     "'xxx' is no byte range: the rule is refused when it loads, as the reference does outside its test program"},
};

const LeftOut* left_out(const LanguageVector& vector) {
  for (const LeftOut& entry : kLeftOut) {
    if (vector.name == entry.name && vector.argument == entry.argument) return &entry;
  }
  return nullptr;
}

TEST(LanguageVectors, EveryOperatorAnswersAsExpected) {
  const auto vectors = language_vectors("operators");
  if (!vectors) GTEST_SKIP() << "no language tests in " << language_vectors_folder() << "; set BULWARK_DATA";
  OperatorEnvironment environment;
  environment.directory = language_vectors_folder();
  std::map<std::pair<std::string, std::string>, std::unique_ptr<const Operator>> operators;
  std::size_t passed = 0;
  std::size_t skipped = 0;
  for (LanguageVector vector : *vectors) {
    if (const LeftOut* entry = left_out(vector)) {
      std::printf("left out: %.*s %.*s: %.*s\n", static_cast<int>(entry->name.size()), entry->name.data(),
                  static_cast<int>(entry->argument.size()), entry->argument.data(), static_cast<int>(entry->reason.size()),
                  entry->reason.data());
      ++skipped;
      continue;
    }
    constexpr std::string_view kTheirFolder = "test-cases/secrules-language-tests/";
    if (vector.argument.starts_with(kTheirFolder)) vector.argument.erase(0, kTheirFolder.size());
    auto& op = operators[{vector.name, vector.argument}];
    if (!op) op = made(vector.name, vector.argument, environment);
    if (!op) continue;
    MatchContext context;
    context.want_captures = true;
    const bool matched = op->match(vector.input, context);
    bool as_expected = matched == (vector.expected != 0);
    for (std::size_t i = 0; i < vector.groups.size(); ++i) {
      as_expected =
          as_expected && ((context.captured >> i & 1) == 1 || vector.groups[i].empty()) && context.captures[i] == vector.groups[i];
    }
    EXPECT_TRUE(as_expected) << vector.name << " '" << vector.argument << "' of " << testing::PrintToString(vector.input);
    passed += as_expected ? 1 : 0;
  }
  std::printf("operator vectors: %zu passed, %zu failed, %zu left out\n", passed, vectors->size() - passed - skipped, skipped);
}

TEST(MakeOperator, RefusesWhatItCannotDo) {
  const auto refused = [](std::string_view name, std::string_view argument) { return !make_operator(name, argument, {}).ok(); };
  EXPECT_TRUE(refused("nonesuch", ""));
  EXPECT_TRUE(refused("fuzzyHash", "x"));
  EXPECT_TRUE(refused("inspectFile", "x"));
  EXPECT_TRUE(refused("rx", "a("));
  EXPECT_TRUE(refused("pm", "a |4|"));
  EXPECT_TRUE(refused("pmFromFile", "/nonexistent/file"));
  EXPECT_TRUE(refused("pmFromFile", "https://example.com/list"));
  EXPECT_TRUE(refused("ipMatch", "300.1.1.1"));
  EXPECT_TRUE(refused("validateByteRange", "10-300"));
  EXPECT_TRUE(refused("validateByteRange", "20-10"));
  EXPECT_TRUE(make_operator("RX", "a", {}).ok());
  EXPECT_TRUE(make_operator("rbl", "dnsbl.example.org", {}).ok());
}

TEST(Rx, LeavesCapturesAndTheMatchedBytes) {
  const auto op = made("rx", "(a)(x)?(b+)");
  MatchContext context;
  context.want_captures = true;
  ASSERT_TRUE(op->match("zzabbz", context));
  EXPECT_EQ(context.matched, "abb");
  EXPECT_EQ(context.captured, 0b1011) << "the group that takes no part is not captured";
  EXPECT_EQ(context.captures[3], "bb");
}

TEST(Rx, ARunawayPatternEndsAtItsBudget) {
  const auto op = made("rx", "^(a+)+$");
  MatchContext context;
  const std::string value(1'000'000, 'a');
  EXPECT_FALSE(op->match(value + "b", context));
  EXPECT_TRUE(context.budget_exhausted);
  EXPECT_FALSE(op->match("b", context));
  EXPECT_FALSE(context.budget_exhausted) << "the next value starts afresh";
}

TEST(Rx, TheDollarFollowsTheMode) {
  OperatorEnvironment environment;
  MatchContext context;
  EXPECT_TRUE(made("rx", "^a$", environment)->match("b\na\nb", context));
  environment.rx_mode = RxMode::dotall_dollar_endonly;
  EXPECT_FALSE(made("rx", "^a$", environment)->match("b\na\nb", context));
  EXPECT_FALSE(made("rx", "^a$", environment)->match("a\n", context));
}

TEST(Rx, AMacroCompletesThePattern) {
  const auto op = made("rx", "^%{tx.x}$");
  ASSERT_TRUE(op->takes_macros());
  EXPECT_EQ(op->literals().kind, LiteralSource::Kind::none);
  MatchContext context;
  context.argument = "^abc$";
  EXPECT_TRUE(op->match("abc", context));
  context.argument = "^(";
  EXPECT_FALSE(op->match("abc", context)) << "a pattern that does not compile matches nothing";
}

TEST(Verify, ManyCandidatesEndAtTheBudget) {
  const auto op = made("verifyCC", "\\d{4}");
  MatchContext context;
  std::string value;
  for (int i = 0; i < 50'000; ++i) value += "1111 ";
  EXPECT_FALSE(op->match(value, context));
  EXPECT_TRUE(context.budget_exhausted);
}

TEST(Pm, TakesBytesBetweenBars) {
  EXPECT_TRUE(matches("pm", "x|41 42|y", "..XABY.."));
  EXPECT_FALSE(matches("pm", "x|41 42|y", "x4142y"));
}

/// What AhoCorasick must find: the phrase that ends first, the longest of those.
AhoCorasick::Found find_slowly(const std::vector<std::string>& phrases, std::string text) {
  for (char& c : text) c = lower(c);
  for (std::size_t end = 1; end <= text.size(); ++end) {
    std::size_t longest = 0;
    for (std::string phrase : phrases) {
      for (char& c : phrase) c = lower(c);
      if (std::string_view(text).substr(0, end).ends_with(phrase)) longest = std::max(longest, phrase.size());
    }
    if (longest > 0) return {end - longest, end};
  }
  return {};
}

TEST(AhoCorasick, AgreesWithASearchForEachPhrase) {
  std::mt19937 random(7);
  const auto word = [&](std::size_t most) {
    std::string text(random() % most, ' ');
    for (char& c : text) c = "abAB\xff"[random() % 5];
    return text;
  };
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> phrases(random() % 6);
    for (auto& phrase : phrases) phrase = word(6);
    const auto automaton = AhoCorasick::build(phrases);
    ASSERT_TRUE(automaton.ok());
    const std::string text = word(20);
    const auto found = automaton->find_first(text);
    const auto expected = find_slowly(phrases, text);
    ASSERT_EQ(found.begin, expected.begin) << text;
    ASSERT_EQ(found.end, expected.end) << text;
  }
}

}  // namespace
}  // namespace bulwark::waf
