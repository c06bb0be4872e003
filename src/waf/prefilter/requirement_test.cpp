#include "waf/prefilter/requirement.h"

#include <gtest/gtest.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <random>

#include "waf/prefilter/prefilter.h"
#include "waf/seclang/reader.h"
#include "waf/seclang/text.h"

namespace bulwark::waf {
namespace {

bool holds(const Requirement& requirement, const std::string& value) {
  if (value.size() < requirement.min_length) return false;
  const std::string folded = lower(value);
  if (!requirement.literals.empty() &&
      std::none_of(requirement.literals.begin(), requirement.literals.end(),
                   [&](const std::string& each) { return folded.find(each) != std::string::npos; }) &&
      std::none_of(value.begin(), value.end(), [&](char c) { return requirement.instead.has(static_cast<unsigned char>(c)); }))
    return false;
  return std::all_of(requirement.byte_sets.begin(), requirement.byte_sets.end(), [&](const ByteSet& set) {
    return std::any_of(value.begin(), value.end(), [&](char c) { return set.has(static_cast<unsigned char>(c)); });
  });
}

TEST(Requirement, FindsLiterals) {
  EXPECT_EQ(requirement_of("union\\s+select").literals, std::vector<std::string>{"select"});
  EXPECT_EQ(requirement_of("(?i)(?:sleep|benchmark)\\(").literals, (std::vector<std::string>{"benchmark(", "sleep("}));
  EXPECT_EQ(requirement_of("[Aa]b?cd").literals, (std::vector<std::string>{"abcd", "acd"}));
  EXPECT_EQ(requirement_of("x{3}").literals, std::vector<std::string>{"xxx"});
  EXPECT_EQ(requirement_of("(?:foo)+").literals, std::vector<std::string>{"foo"});
  EXPECT_TRUE(requirement_of("(?:foo)*").literals.empty());
  EXPECT_TRUE(requirement_of("(?:foo|.)").literals.empty());
  EXPECT_EQ(requirement_of("(?:foo|.)").min_length, 1u);
  EXPECT_EQ(requirement_of("[\"'`]\\s*\\d").byte_sets.size(), 2u);
}

TEST(Requirement, TakesRareBytesForBranchesWithoutLiterals) {
  const Requirement mixed = requirement_of("(?:union|[\"']\\s*!|<)\\s");
  EXPECT_EQ(mixed.literals, std::vector<std::string>{"union"});
  EXPECT_EQ(mixed.instead.count(), 2) << "an exclamation mark or a smaller-than sign";
  EXPECT_TRUE(mixed.instead.has('!') && mixed.instead.has('<'));
  EXPECT_TRUE(requirement_of("(?:union|\\w+)").literals.empty()) << "letters are everywhere";
  EXPECT_EQ(requirement_of("(?:union|!)x+(?:select)").instead.count(), 0) << "a literal that is always there is better";
}

TEST(Requirement, ConcludesNothingFromWhatItDoesNotKnow) {
  for (const auto pattern : {"(?x) a b c", "(?(1)abc|d)", "(?R)abc", "(*UTF)abc", "abc(", "\\p{L}abc", "(a)\\g{1}abc", "*abc"})
    EXPECT_TRUE(requirement_of(pattern).trivial()) << pattern;
}

/// A random walk through the pattern's language would need a second engine; instead: strings mutated from the pattern's own
/// text, which match often enough.
std::string random_value(std::mt19937& random, const std::string& pattern) {
  static constexpr std::string_view kAlphabet = "abcdeiloprstux<>()'\"`=;:/\\.,_- \t\n0129AEIOUXS%$&|@#!*+?[]{}";
  std::string value;
  const std::size_t pieces = random() % 6 + 1;
  for (std::size_t i = 0; i < pieces; ++i) {
    if (random() % 2 == 0 && !pattern.empty())
      value += pattern.substr(random() % pattern.size(), random() % 12);
    else
      for (std::size_t n = random() % 5; n > 0; --n) value += kAlphabet[random() % kAlphabet.size()];
  }
  return value;
}

void never_stricter_than_pcre2(const std::string& pattern, std::mt19937& random, int rounds, std::size_t& matches) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_DOTALL | PCRE2_MULTILINE, &error, &offset, nullptr);
  if (code == nullptr) return;
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  pcre2_match_data* data = pcre2_match_data_create_from_pattern(code, nullptr);
  const Requirement requirement = requirement_of(pattern);
  for (int i = 0; i < rounds; ++i) {
    const std::string value = random_value(random, pattern);
    if (pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(value.data()), value.size(), 0, 0, data, nullptr) < 0) continue;
    ++matches;
    ASSERT_TRUE(holds(requirement, value)) << pattern << "\nmatches\n" << value;
  }
  pcre2_match_data_free(data);
  pcre2_code_free(code);
}

TEST(Requirement, IsNeverStricterThanThePatternsOfTheCoreRuleSet) {
  const auto document = seclang::read_files({"/usr/share/modsecurity-crs/rules/*.conf"});
  if (!document.ok()) GTEST_SKIP() << "Debian's package modsecurity-crs is not installed";
  std::mt19937 random(7);
  std::size_t matches = 0;
  for (const auto& directive : document->directives)
    if (const auto* rule = std::get_if<seclang::Rule>(&directive.what); rule != nullptr && rule->op.name == "rx" && !rule->unconditional)
      never_stricter_than_pcre2(rule->op.argument, random, 300, matches);
  EXPECT_GT(matches, 5000u);
}

TEST(Requirement, IsNeverStricterThanRandomPatterns) {
  static constexpr std::string_view kPieces[] = {
      "a", "b", "ab",  "x",     "(",     "(?:",         "(?i)",  "(?=",    "(?!",      ")",    ")",   ")",    "|",
      "*", "+", "?",   "{2}",   "{1,3}", "+?",          "[abc]", "[^a]",   "[a-e]",    "\\d",  "\\w", "\\s",  ".",
      "^", "$", "\\b", "\\x61", "\\.",   "[[:alpha:]]", "\\1",   "[\\w-]", "\\Qa+\\E", "(?i:", "(?>", "\\141"};
  std::mt19937 random(11);
  std::size_t matches = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string pattern;
    for (std::size_t n = random() % 10 + 1; n > 0; --n) pattern += kPieces[random() % std::size(kPieces)];
    never_stricter_than_pcre2(pattern, random, 20, matches);
  }
  EXPECT_GT(matches, 10'000u);
}

TEST(Prefilter, AgreesWithASearchForEachLiteral) {
  std::vector<Requirement> requirements(130);
  std::mt19937 random(3);
  for (auto& each : requirements)
    for (std::size_t n = random() % 4; n > 0; --n) each.literals.push_back(lower(random_value(random, "select")) + "q");
  const auto prefilter = Prefilter::build(requirements, "");
  ASSERT_TRUE(prefilter.ok()) << prefilter.error().message;
  for (int i = 0; i < 2000; ++i) {
    const Requirement& source = requirements[random() % requirements.size()];
    std::string value = random_value(random, "SELECT");
    if (!source.literals.empty()) value += source.literals[0];
    std::vector<std::uint64_t> bits((*prefilter)->words());
    (*prefilter)->scan(value, bits.data());
    for (std::size_t op = 0; op < requirements.size(); ++op) {
      const auto& literals = requirements[op].literals;
      const bool expected =
          std::any_of(literals.begin(), literals.end(), [&](const auto& each) { return lower(value).find(each) != std::string::npos; });
      ASSERT_EQ(((bits[op / 64] >> (op % 64)) & 1) != 0, expected) << op << " in " << value;
    }
  }
}

}  // namespace
}  // namespace bulwark::waf
