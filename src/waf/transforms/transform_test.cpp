// What the public vectors and the comparison with libmodsecurity do not show: names, the unicode map, bounds on hostile values.
#include "waf/transforms/transform.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

namespace bulwark::waf {
namespace {

std::string applied(Transform transform, std::string_view value, const UnicodeMap* map = nullptr) {
  std::string out;
  return apply(transform, value, out, map) ? out : std::string(value);
}

TEST(Transform, IsFoundByItsNameInAnyCase) {
  EXPECT_EQ(transform_from("URLdecodeUNI"), Transform::url_decode_uni);
  EXPECT_EQ(transform_from("normalizePathWin"), Transform::normalise_path_win);
  EXPECT_EQ(transform_from("normalisepathwin"), Transform::normalise_path_win);
  EXPECT_FALSE(transform_from("urlDecodeUn"));
  EXPECT_FALSE(transform_from(""));
  for (std::size_t i = 0; i < kTransformCount; ++i) {
    const auto transform = static_cast<Transform>(i);
    EXPECT_EQ(transform_from(to_string(transform)), transform);
  }
}

TEST(Transform, SaysWhenNothingChanges) {
  std::string out = "untouched";
  EXPECT_FALSE(apply(Transform::none, "x", out));
  EXPECT_EQ(out, "untouched");
  for (const auto transform :
       {Transform::lowercase, Transform::url_decode_uni, Transform::css_decode, Transform::js_decode, Transform::html_entity_decode,
        Transform::remove_nulls, Transform::compress_whitespace, Transform::utf8_to_unicode, Transform::normalise_path, Transform::cmd_line,
        Transform::remove_comments, Transform::replace_comments, Transform::trim, Transform::base64_encode}) {
    const std::string_view value = transform == Transform::base64_encode ? "" : "plain words and 12 numbers_";
    EXPECT_FALSE(apply(transform, value, out)) << to_string(transform);
  }
}

class Map : public testing::Test {
 protected:
  Map() : file_(std::filesystem::temp_directory_path() / ("bulwark_unicode_map_" + std::to_string(::getpid()))) {
    std::ofstream(file_)
        << "(MAC - Roman)\n\n\n1250  (ANSI - Central Europe)\n00a1:22\n\n20127 (US-ASCII)\n00a1:21 2019:27 ff1c:3c\n\n20261 (T.61)\n2019:60\n";
  }
  ~Map() override { std::filesystem::remove(file_); }
  std::filesystem::path file_;
};

TEST_F(Map, SaysWhatAnEscapeStandsForOnItsCodePage) {
  const auto map = UnicodeMap::load(file_, 20127);
  ASSERT_TRUE(map.ok()) << map.error().message;
  EXPECT_EQ(applied(Transform::url_decode_uni, "%u2019%u00a1%u0041%uff1c", map->get()), "'!A<");
  EXPECT_EQ(applied(Transform::url_decode_uni, "%u2019"), "\x19") << "without a map the low byte counts";
  EXPECT_FALSE(UnicodeMap::load(file_, 9999).ok());
  EXPECT_FALSE(UnicodeMap::load(file_.string() + "x", 20127).ok());
}

/// Linear in the value, whatever it is made of.
TEST(Transform, HostileValuesTakeNoLongerThanTheirLength) {
  for (const char* unit :
       {"/*", "*/-", "-->", "<!--", "&#", "&#9", "\\", "\\6", "../", "a/../", "%", "%u", "0x", "[", " ", ".", "\xc3", "x="}) {
    std::string value;
    while (value.size() < 1'000'000) value += unit;
    for (std::size_t i = 0; i < kTransformCount; ++i) {
      const auto begin = std::chrono::steady_clock::now();
      const std::string out = applied(static_cast<Transform>(i), value);
      EXPECT_LE(out.size(), value.size() * kMaxGrowth + 64);
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2))
          << to_string(static_cast<Transform>(i)) << " of " << unit;
    }
  }
}

}  // namespace
}  // namespace bulwark::waf
