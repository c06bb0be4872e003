#include "waf/operators/regex.h"

#include <gtest/gtest.h>
#include <time.h>

#include <array>
#include <random>

namespace bulwark::waf {
namespace {

double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

TEST(Regex, FindsTheSameInLongTextsAsInParts) {
  std::mt19937 random(5);
  for (const auto pattern : {"x[0-9]{2}y", "(?<=a)b\\b", "^q", "\\Ba(b+)c", "nothing like it"}) {
    const auto regex = Regex::compile(pattern, 0);
    ASSERT_TRUE(regex.ok());
    for (int i = 0; i < 50; ++i) {
      std::string text(5000 + random() % 20'000, '.');
      const std::string piece = i % 2 == 0 ? " x42y ab abbbc z" : " x4y q abb";
      const std::size_t at = random() % (text.size() - piece.size());
      text.replace(at, piece.size(), piece);
      if (i % 5 == 0) text.replace(text.size() - piece.size(), piece.size(), piece);
      // The twin: a short piece around what the dots surround cannot be cut into windows.
      std::array<Regex::Span, 1> found{};
      const auto outcome = regex->search(text, 0, 100'000, found);
      std::array<Regex::Span, 1> again{};
      Regex::Outcome other = Regex::Outcome::no_match;
      for (std::size_t from = 0; from <= text.size() && other == Regex::Outcome::no_match; from += 2000) {
        const std::size_t begin = from < 100 ? 0 : from - 100;
        other = regex->search(std::string_view(text).substr(begin, 4000), from - begin, 100'000, again);
        if (other == Regex::Outcome::match) again[0].begin += begin, again[0].end += begin;
      }
      ASSERT_EQ(outcome, other) << pattern;
      if (outcome == Regex::Outcome::match) {
        ASSERT_EQ(found[0].begin, again[0].begin) << pattern;
        ASSERT_EQ(found[0].end, again[0].end);
      }
    }
  }
}

TEST(Regex, StopsWhenTheTimeIsUp) {
  const auto regex = Regex::compile("a[^!]*!", 0);
  ASSERT_TRUE(regex.ok());
  const std::string hostile(1'000'000, 'a');
  std::array<Regex::Span, 1> spans{};
  const double start = cpu_ms();
  EXPECT_EQ(regex->search(hostile, 0, 100'000, spans), Regex::Outcome::budget_exhausted);
  EXPECT_LT(cpu_ms() - start, 200);  // the square of the length would be minutes
  EXPECT_EQ(regex->search(hostile + "!", 0, 100'000, spans), Regex::Outcome::match);
}

}  // namespace
}  // namespace bulwark::waf
