// Every transformation against libmodsecurity's on generated values: each byte must be the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "reference.h"
#include "waf/transforms/transform.h"

namespace bulwark::waf {
namespace {

constexpr int kValuesEach = 60'000;

/// Bits of text that a transformation reacts to, so that random values reach its branches.
const std::vector<std::string> kPieces = {
    "%",
    "%u",
    "%41",
    "%u0041",
    "%uff21",
    "%uFF1c",
    "%zz",
    "+",
    "\\",
    "\\x41",
    "\\u0041",
    "\\uFF41",
    "\\101",
    "\\777",
    "\\n",
    "\\\n",
    "\\61 ",
    "\\000041",
    "\\ff41",
    "\\0ff41",
    "\\00ff41",
    "\\1ff41",
    "&",
    "&#",
    "&#x",
    "&#65;",
    "&#x41;",
    "&lt;",
    "&amp",
    "&nbsp;",
    "&quot",
    "&gt;",
    "&#99999999999999999999;",
    "&unknown;",
    "/*",
    "*/",
    "<!--",
    "-->",
    "--",
    "#",
    "/",
    "//",
    ".",
    "..",
    "/../",
    "/./",
    "...",
    "\\..\\",
    " ",
    "  ",
    "\t",
    "\r\n",
    "\n",
    "\v",
    "\f",
    ",",
    ";",
    "'",
    "\"",
    "^",
    "(",
    "0x",
    "0x41",
    "0x4142zz",
    "0X4g",
    "=",
    "==",
    "QUJD",
    "QQ==",
    "QQ",
    "A",
    "a",
    "B",
    "z",
    "Z",
    "1",
    "9",
    "f",
    "F",
    "u",
    "x",
    "X",
    std::string(1, '\0'),
    "\x80",
    "\xa0",
    "\xc2\xa0",
    "\xc3\xa9",
    "\xe2\x82\xac",
    "\xf0\x9f\x98\x80",
    "\xc0\x80",
    "\xed\xa0\x80",
    "\xf5",
    "\xff",
    "\xe2",
    "\xf0\x9f",
    "[",
    "]",
    "union select",
    "SELECT",
    "bar",
    "dir",
};

std::string random_value(std::mt19937& random) {
  std::string value;
  const std::size_t pieces = random() % 9;
  // Half of the values draw from a handful of pieces only: a path of dots and slashes, a run of escapes.
  const bool narrow = random() % 2 == 0;
  const std::size_t base = random() % kPieces.size();
  for (std::size_t i = 0; i < pieces; ++i) {
    value += narrow ? kPieces[(base + random() % 5) % kPieces.size()] : kPieces[random() % kPieces.size()];
    if (random() % 16 == 0) value.push_back(static_cast<char>(random() % 256));
  }
  return value;
}

std::string escaped(std::string_view text) { return testing::PrintToString(std::string(text)); }

// What differs, and why that is right.
const std::map<Transform, std::string_view> kLeftOut = {
    {Transform::php_args_names, "not in libmodsecurity 3.0.9"},
};

/// The reference's own result, freed of its known faults so that the rest can be compared.
std::string expected_of(reference::Engine& engine, Transform transform, const std::string& value) {
  switch (transform) {
    case Transform::sql_hex_decode: {  // it stops at a NUL, and drops the last byte unless a literal ends there
      std::string result = engine.transform("sqlHexDecode", value + "\n\n");
      if (!result.empty()) result.pop_back();
      return result;
    }
    case Transform::normalise_path_win: {  // it overlooks a backslash at the end of a run of slashes
      if (value.find_first_of("/\\") == std::string::npos) return engine.transform("normalisePathWin", value);
      std::string slashes = value;
      std::replace(slashes.begin(), slashes.end(), '\\', '/');
      const bool run = slashes.find("//") != std::string::npos || slashes.find("./") != std::string::npos;
      return run ? engine.transform("normalisePath", slashes) : engine.transform("normalisePathWin", value);
    }
    case Transform::cmd_line: return engine.transform("cmd_line", value);
    default: return engine.transform(to_string(transform), value);
  }
}

class TransformAgainstReference : public testing::TestWithParam<std::size_t> {};

TEST_P(TransformAgainstReference, GivesTheSameBytes) {
  const auto transform = static_cast<Transform>(GetParam());
  if (kLeftOut.contains(transform)) GTEST_SKIP() << kLeftOut.at(transform);
  reference::Engine engine;
  std::mt19937 random(static_cast<unsigned>(GetParam()) + 1);
  std::string out;
  int shown = 0;
  for (int i = 0; i < kValuesEach && shown < 8; ++i) {
    std::string value = random_value(random);
    if (transform == Transform::sql_hex_decode) std::erase(value, '\0');
    if (transform == Transform::base64_decode_ext) std::erase(value, '9');  // it takes a 9 at the end for padding
    const std::string expected = expected_of(engine, transform, value);
    const bool changed = apply(transform, value, out);
    const std::string& got = changed ? out : value;
    // The reference's cssDecode ends its result at the first NUL, its own vectors notwithstanding.
    const std::string& compared = transform == Transform::css_decode ? got.substr(0, got.find('\0')) : got;
    if (compared != expected) {
      ADD_FAILURE() << to_string(transform) << " of " << escaped(value) << " gives " << escaped(got) << ", the reference "
                    << escaped(expected);
      ++shown;
    }
    EXPECT_TRUE(!changed || out != value) << "claims a change where there is none";
  }
}

INSTANTIATE_TEST_SUITE_P(Every, TransformAgainstReference, testing::Range<std::size_t>(0, kTransformCount),
                         [](const auto& of) { return std::string(to_string(static_cast<Transform>(of.param))); });

}  // namespace
}  // namespace bulwark::waf
