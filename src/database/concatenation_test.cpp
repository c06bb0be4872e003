// What counts as put together from text.
#include "database/concatenation.h"

#include <gtest/gtest.h>

namespace bulwark::database {
namespace {

std::string record(std::string_view role, std::string_view fingerprint, std::string_view more) {
  return R"({"kind":"statement","outcome":"done","role":")" + std::string(role) + R"(","command":"SELECT","fingerprint":")" +
         std::string(fingerprint) + R"(","text":"shape )" + std::string(fingerprint) + "\"" + std::string(more) + "}";
}

TEST(Concatenation, CountsStatementsByRoleAndShape) {
  ConcatenationCount count;
  for (int i = 0; i < 3; ++i) count.take(record("app", "aa", R"(,"varies":true)"));
  for (int i = 0; i < 5; ++i) count.take(record("app", "bb", R"(,"varies":true,"literals":["'x'"])"));
  count.take(record("other", "bb", R"(,"varies":true)"));
  count.take(record("app", "cc", ""));
  const auto found = count.most_first();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].shape, "shape bb");
  EXPECT_EQ(found[0].runs, 5U);
  EXPECT_EQ(found[1].runs, 3U);
  EXPECT_EQ(found[2].role, "other");
  EXPECT_EQ(count.statements(), 9U);
  EXPECT_EQ(count.records(), 10U);
}

TEST(Concatenation, PassesOverWhatIsNoQueryOfItsOwn) {
  ConcatenationCount count;
  std::string opened = record("app", "aa", R"(,"varies":true)");
  opened.replace(opened.find("done"), 4, "opened");
  std::string set = record("app", "aa", R"(,"varies":true)");
  set.replace(set.find("SELECT"), 6, "SET");
  for (const std::string& body : {opened, set, std::string(R"({"kind":"lost","records":3,"varies":true})"),
                                  std::string(R"(x"varies":true)"), record("app", "aa", R"(,"request":"\"varies\":true")"), std::string()})
    count.take(body);
  EXPECT_TRUE(count.most_first().empty());
}

TEST(Concatenation, BoundsWhatItRemembers) {
  ConcatenationCount count;
  for (std::size_t i = 0; i < ConcatenationCount::kMaxShapes + 10; ++i) count.take(record("app", std::to_string(i), R"(,"varies":true)"));
  EXPECT_EQ(count.most_first().size(), ConcatenationCount::kMaxShapes);
  EXPECT_EQ(count.statements(), ConcatenationCount::kMaxShapes + 10);
}

}  // namespace
}  // namespace bulwark::database
