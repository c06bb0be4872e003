// Reading, writing and the limits of both.
#include <gtest/gtest.h>

#include <string>

#include "wire/json/reader.h"
#include "wire/json/writer.h"

namespace bulwark::json {
namespace {

std::string round_trip(std::string_view text) {
  auto document = Document::parse(text);
  if (!document.ok()) return to_string(document.error());
  std::string out;
  append(out, document->root());
  return out;
}

TEST(Json, RoundTripKeepsEveryValueAndTheOrder) {
  const std::string text = R"({"b":[1,-2,3.5,1e+300,true,false,null,"x"],"a":{"":{}},"n":18446744073709551615,"a":2})";
  EXPECT_EQ(round_trip(text), text);
}

TEST(Json, EscapesWhatCouldLeaveAStringOrAnHtmlPage) {
  std::string out;
  append_string(out, "a\"\\\n\x01<&>\x7f\xc3\xa9\xff");
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001\\u003c\\u0026\\u003e\\u007f\xc3\xa9\xEF\xBF\xBD\"");
}

TEST(Json, FindsMembersAndRefusesWrongTypes) {
  auto document = Document::parse(R"({"name":"O'Brien","age":42,"big":9223372036854775808,"tags":["a","b"]})");
  ASSERT_TRUE(document.ok());
  const Value root = document->root();
  EXPECT_EQ(root.text("name"), "O'Brien");
  EXPECT_EQ(root.text("age"), "");
  EXPECT_EQ(root.find("age")->integer(), 42);
  EXPECT_EQ(root.find("big")->integer(), std::nullopt);
  EXPECT_FALSE(root.find("none").has_value());
  EXPECT_EQ(root.find("tags")->size(), 2U);
  std::string joined;
  for (const Value item : *root.find("tags")) joined += item.string();
  EXPECT_EQ(joined, "ab");
}

TEST(Json, LimitsAreErrorsOfTheClient) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  EXPECT_EQ(Document::parse(deep).error().code, Code::too_large);
  EXPECT_EQ(Document::parse("[1,2,3,4]", {.max_values = 4}).error().code, Code::too_large);
  EXPECT_EQ(Document::parse("[1,2,3,4]", {.max_bytes = 8}).error().code, Code::too_large);
  for (const char* bad : {"", "{", "[1,]", "{\"a\":1,}", "nul", "\"\xff\"", "1 2", "[1]x"})
    EXPECT_EQ(Document::parse(bad).error().code, Code::invalid) << bad;
}

TEST(Json, DeepestReadableCanBeWritten) {
  const std::size_t depth = ReadLimits{}.max_depth - 1;
  const std::string deep = std::string(depth, '[') + std::string(depth, ']');
  EXPECT_EQ(round_trip(deep), deep);
}

}  // namespace
}  // namespace bulwark::json
