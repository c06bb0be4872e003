// @detectSQLi and @detectXSS on cases a person can judge; agreement with libinjection is tested in tests/reference/waf.
#include <gtest/gtest.h>

#include <chrono>

#include "waf/operators/operator.h"
#include "waf/operators/sqli/detector.h"
#include "waf/operators/sqli/tables.h"
#include "waf/operators/xss/detector.h"

namespace bulwark::waf {
namespace {

TEST(Sqli, FindsInjectionsWithTheirFingerprint) {
  EXPECT_EQ(sqli::detect("1' or '1'='1").text(), "s&sos");
  EXPECT_EQ(sqli::detect("1 UNION SELECT password FROM users--").text(), "1UEnk");
  EXPECT_EQ(sqli::detect("admin'--").text(), "sc");
  EXPECT_EQ(sqli::detect("1/*!or*/1").text(), "X");
  EXPECT_EQ(sqli::detect("\" or \"\"=\"").text(), "s&sos");
}

TEST(Sqli, LeavesPlainTextAlone) {
  for (const char* text :
       {"", "O'Brien", "union of workers", "1 + 1 = 2", "select a good book", "hello; world", "a-b--c", "price: $1,000.00", "rock 'n' roll",
        "user@example.com", "http://example.com/?a=1&b=2", "2024-01-01 10:00:00", "the cat and the hat"}) {
    EXPECT_TRUE(sqli::detect(text).empty()) << text << " " << sqli::detect(text).text();
  }
}

TEST(Sqli, KnowsWordsInAnyCaseAndPhrases) {
  EXPECT_EQ(sqli::word_type("SeLeCt"), 'E');
  EXPECT_EQ(sqli::word_type("group by"), 'B');
  EXPECT_EQ(sqli::word_type("||"), '&');
  EXPECT_EQ(sqli::word_type("grault"), 0);
  EXPECT_EQ(sqli::word_type(std::string(5000, 'a')), 0);
  EXPECT_TRUE(sqli::is_known_fingerprint("s&sos"));
  EXPECT_FALSE(sqli::is_known_fingerprint("n"));
  EXPECT_FALSE(sqli::is_known_fingerprint(""));
}

TEST(Sqli, TheFingerprintIsCaptured) {
  const auto op = make_operator("detectSQLi", "", {});
  ASSERT_TRUE(op.ok());
  MatchContext context;
  context.want_captures = true;
  ASSERT_TRUE((*op)->match("1' or '1'='1", context));
  EXPECT_EQ(context.captures[0], "s&sos");
}

TEST(Xss, FindsWhatRunsScript) {
  for (const char* text :
       {"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "<a href=\"java\nscript:1\">",
        "<a href=&#106;avascript:1>", "<svg/onload=1>", "<!--[if IE]>", "x` onclick=1 `"}) {
    EXPECT_TRUE(xss::detect(text)) << text;
  }
  EXPECT_TRUE(xss::detect(std::string_view("<scr\0ipt>", 9)));
  EXPECT_TRUE(xss::detect("<a href=\xffjavascript:1>")) << "the byte that blinds the reference";
}

TEST(Xss, LeavesPlainTextAlone) {
  for (const char* text : {"", "a < b", "x=1", "<b>bold</b>", "<a href=\"https://example.com\">x</a>", "if (a<b && c>d) e=1;", "I <3 you",
                           "<p class=x>text</p>"}) {
    EXPECT_FALSE(xss::detect(text)) << text;
  }
}

/// A megabyte of what makes a reader look far ahead again and again must stay linear.
TEST(Detectors, HostileValuesTakeNoLongerThanTheirLength) {
  for (const char* unit : {"'",   "\\'", "/*",  "$a$", "$x",  "q'(", "[",  "`", "@@",  "1e",  "<",  "<!--",
                           "<a ", "=\"", "-\0", "--",  "&#x", "<%",  "1+", "(", "{x ", "a.b", "a,", "union select "}) {
    std::string value;
    while (value.size() < 1'000'000) value += unit;
    const auto begin = std::chrono::steady_clock::now();
    sqli::detect(value);
    xss::detect(value);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3)) << unit;
  }
}

}  // namespace
}  // namespace bulwark::waf
