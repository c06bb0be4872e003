// Active HTML goes, harmless HTML and code blocks stay.
#include <gtest/gtest.h>

#include "chat/output/test_answer.h"

namespace bulwark::chat::output {
namespace {

std::string through(std::string_view text, Rendering shown_as = Rendering::markdown) {
  Asked asked;
  asked.settings.markup = Mode::mask;
  asked.settings.shown_as = shown_as;
  asked.settings.hosts = {"cdn.acme.example"};
  const std::string whole = answer(asked, {std::string(text)}).text;
  EXPECT_EQ(answer(asked, pieces(text, 1)).text, whole);
  EXPECT_EQ(answer(asked, pieces(text, 5)).text, whole);
  return whole;
}

TEST(Markup, ActiveTagsGo) {
  EXPECT_EQ(through("a<script>alert(1)</script>b"), "a[markup removed]alert(1)[markup removed]b");
  EXPECT_EQ(through("<IMG SRC=x OnError = alert(1)>"), "[markup removed]");
  EXPECT_EQ(through("<img src=\"https://evil.example/a?b\">"), "[markup removed]");
  EXPECT_EQ(through("<a href=\"java\tscript:alert(1)\">x</a>"), "[markup removed]x</a>");
  EXPECT_EQ(through("<svg/onload=alert(1)>"), "[markup removed]");
  EXPECT_EQ(through("<div style=\"background:url(https://evil.example/x)\">"), "[markup removed]");
  EXPECT_EQ(through("<b title=\"a>b\" onclick=x>"), "[markup removed]");
  EXPECT_EQ(through("<iframe src=x"), "[markup removed]");
}

TEST(Markup, NoTagIsMadeByTakingAnotherOutOfIt) {
  EXPECT_EQ(through("<a <s onload=1> onclick=alert(1)>"), "[markup removed] onclick=alert(1)>");
  EXPECT_EQ(through("<a < <b <s onload=1> onclick=alert(1)>"), "[markup removed] onclick=alert(1)>");
  EXPECT_EQ(through("<a x> <s onload=1>"), "<a x> [markup removed]");
}

TEST(Markup, TagsWhoseQuotesCrossGoTogether) {
  EXPECT_EQ(through("<b \"<script '\">a'>\" onx=1>"), "[markup removed]\" onx=1>") << "not: <b \"[markup removed]\" onx=1>";
  EXPECT_EQ(through("<b title='1 < 2'><i>x</i>"), "<b title='1 < 2'><i>x</i>");
  EXPECT_EQ(through("<b><script>"), "<b>[markup removed]");
}

TEST(Markup, TheRestStays) {
  for (const char* text : {"<b>bold</b> <table><tr><td>1</td></tr></table>", "if a < b and c > d", "x <3 y", "List<String> names",
                           "<a href=\"https://acme.example\">on sale=now</a>", "<img src=\"https://cdn.acme.example/x.png\">"})
    EXPECT_EQ(through(text), text);
}

TEST(Markup, CodeBlocksCountOnlyWhereMarkdownIsShown) {
  const std::string code = "```html\n<script>x</script>\n```\n";
  EXPECT_EQ(through(code), code);
  EXPECT_EQ(through(code, Rendering::html), "```html\n[markup removed]x[markup removed]\n```\n");
}

TEST(Markup, WhatIsTakenOutDoesNotMoveTheBordersOfCode) {
  const std::string attack = "\n```\n<script>x</script>\n";  // behind a fence that the browser does not see, or sees twice
  for (const char* before : {"<s onload=1\n```\n>", "```<s onload=`>", "a\n```<s onload=1>"}) {
    const std::string out = through(before + attack + attack);
    Fence fence;
    for (std::size_t at = 0; at < out.size(); fence.step(out[at++]))
      EXPECT_FALSE(out.substr(at, 7) == "<script" && !fence.open()) << before << ": " << out;
  }
}

TEST(Markup, FencesThatTakingSomethingOutMakesCount) {
  Asked asked;
  asked.settings.markup = asked.settings.controls = Mode::mask;
  const std::string text = "\u200b```\n```\n<script>x</script>";
  EXPECT_EQ(answer(asked, {text}).text, "```\n```\n[markup removed]x[markup removed]");
  EXPECT_EQ(answer(asked, pieces(text, 1)).text, "```\n```\n[markup removed]x[markup removed]");
}

}  // namespace
}  // namespace bulwark::chat::output
