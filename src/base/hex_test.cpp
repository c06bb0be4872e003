// Hexadecimal, both byte forms.
#include "base/hex.h"

#include <gtest/gtest.h>

#include <array>

namespace bulwark {
namespace {

TEST(Hex, WritesTwoDigitsAByte) {
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(to_hex(""sv), "");
  EXPECT_EQ(to_hex("\x00\x0f\xf0\xff"sv), "000ff0ff");
  EXPECT_EQ(to_hex(std::array<std::uint8_t, 2>{0xab, 0x07}), "ab07");
}

}  // namespace
}  // namespace bulwark
