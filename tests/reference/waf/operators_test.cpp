// Every operator against libmodsecurity's on generated values and arguments.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "reference.h"
#include "waf/operators/operator.h"

namespace bulwark::waf {
namespace {

constexpr int kValuesEach = 20'000;

struct Case {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<std::string> pieces;
};

std::string digits_between(const std::string& separators) { return separators + "0123456789012345678901234567890123456789"; }

std::vector<std::string> letters(const std::string& text) {
  std::vector<std::string> pieces;
  for (const char c : text) pieces.emplace_back(1, c);
  return pieces;
}

const std::vector<std::string> kWords = {"", "a", "ab", "abc", "b", "word", "a b", "A"};
const std::vector<std::string> kWordPieces = {"a", "b", "c", "A", "ab", "abc", "word", " ", "_", "1", "-", std::string(1, '\0'), "\xff"};
const std::vector<std::string> kNumbers = {"0", "5", "-1", "xxx", " 7", "+3", "2147483647", "2147483648", "99999999999", "1e3", "007", "-"};
const std::vector<std::string> kNumberPieces = {"0", "1", "5", "7", "9", "-", "+", " ", "x", "\t", "2147483647", "-2147483648", "."};

const std::vector<Case> kCases = {
    {"contains", kWords, kWordPieces},
    {"containsWord", kWords, kWordPieces},
    {"beginsWith", kWords, kWordPieces},
    {"endsWith", kWords, kWordPieces},
    {"within", {"", "abc word", "a", "get post head"}, kWordPieces},
    {"streq", kWords, kWordPieces},
    {"strmatch", kWords, kWordPieces},
    {"eq", kNumbers, kNumberPieces},
    {"ge", kNumbers, kNumberPieces},
    {"gt", kNumbers, kNumberPieces},
    {"le", kNumbers, kNumberPieces},
    {"lt", kNumbers, kNumberPieces},
    {"pm", {"a", "ab bc", "word abc", "x|41 42|", "A", "abcabc bca c"}, kWordPieces},  // it never finds a phrase with a byte above 0x7f
    {"rx", {"a+b", "^ab$", "(a|b)*c", "a.c", "(?i)WORD", "\\bword\\b", "^$", "a\\Z"}, {"a", "b", "c", "\n", "word", " ", "WORD"}},
    {"validateByteRange", {"0-255", "1-255", "32-126,9,10,13", "97-98"}, kWordPieces},
    {"validateUrlEncoding", {""}, {"%", "%4", "%41", "%zz", "a", "4", "F", "g", "+"}},
    // It takes F4 90 80 80 and what follows up to F4 BF BF BF, which is past U+10FFFF (RFC 3629), for valid; ours does not.
    {"validateUtf8Encoding",
     {""},
     {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc3", "\x80", "\xe2\x82", "\xc0\x80", "\xed\xa0\x80", "\xf5", "\xff",
      "\xe0\x80\x80", "\xf0\x80\x80\x80", std::string(1, '\0')}},
    {"ipMatch",
     {"10.0.0.0/8", "192.168.1.1", "10.1.2.0/23,172.16.0.0/12", "2001:db8::/32", "::1"},
     {"10.", "1.", "2.", "3", "0", "192.168.1.1", "172.16.", "2001:db8:", ":", "1", "::1", "10.1.2.3", "10.1.3.255", "2001:db8::5"}},
    {"verifyCC", {"\\d{13,16}", "(\\d{4}-?){3}\\d{4}"}, letters(digits_between("- "))},
    {"verifyCPF", {"([0-9]{3}\\.){2}[0-9]{3}-[0-9]{2}", "\\d{11}"}, letters(digits_between(".-"))},
    {"verifySSN", {"\\d{3}-?\\d{2}-?\\d{4}"}, letters(digits_between("-0000"))},
    {"verifySVNR", {"([0-9]{4} ?[0-9]{6})"}, letters(digits_between(" "))},
    {"unconditionalMatch", {"", "x"}, kWordPieces},
    {"noMatch", {"", "x"}, kWordPieces},
};

std::string random_value(std::mt19937& random, const std::vector<std::string>& pieces) {
  std::string value;
  const std::size_t count = random() % (pieces.size() > 30 ? 40 : 8);
  for (std::size_t i = 0; i < count; ++i) value += pieces[random() % pieces.size()];
  return value;
}

class OperatorAgainstReference : public testing::TestWithParam<Case> {};

TEST_P(OperatorAgainstReference, GivesTheSameAnswer) {
  const Case& tested = GetParam();
  reference::Engine engine;
  std::mt19937 random(3);
  int differences = 0;
  int matched = 0;
  for (const std::string& argument : tested.arguments) {
    const auto ours = make_operator(tested.name, argument, {});
    ASSERT_TRUE(ours.ok()) << ours.error().message;
    MatchContext context;
    for (int i = 0; i < kValuesEach && differences < 8; ++i) {
      const std::string value = random_value(random, tested.pieces);
      const auto reference = engine.match(tested.name, argument, value);
      ASSERT_TRUE(reference.built);
      const bool got = (*ours)->match(value, context);
      matched += got ? 1 : 0;
      if (got == reference.matched) continue;
      ADD_FAILURE() << tested.name << " '" << argument << "' of " << testing::PrintToString(value) << ": ours " << got;
      ++differences;
    }
  }
  std::printf("%s: %d matches\n", tested.name.c_str(), matched);
}

INSTANTIATE_TEST_SUITE_P(Every, OperatorAgainstReference, testing::ValuesIn(kCases), [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace bulwark::waf
