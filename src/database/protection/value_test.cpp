// Both formats of each type say the same.
#include "database/protection/value.h"

#include <gtest/gtest.h>

namespace bulwark::database {
namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int each : values) out.push_back(static_cast<char>(each));
  return out;
}

struct Pair {
  std::uint32_t type;
  std::string text;
  std::string binary;
  std::string plain;
};

TEST(Value, BothFormatsAndBack) {
  const Pair pairs[] = {
      {type_oid::kText, "Ä'x", "Ä'x", "Ä'x"},
      {type_oid::kInt2, "-2", bytes({0xff, 0xfe}), "-2"},
      {type_oid::kInt4, "2147483647", bytes({0x7f, 0xff, 0xff, 0xff}), "2147483647"},
      {type_oid::kInt8, "-9223372036854775808", bytes({0x80, 0, 0, 0, 0, 0, 0, 0}), "-9223372036854775808"},
      {type_oid::kBool, "t", bytes({1}), "true"},
      {type_oid::kBytea, "\\x00ff", bytes({0, 0xff}), "00ff"},
      {type_oid::kUuid, "00112233-4455-6677-8899-aabbccddeeff",
       bytes({0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}),
       "00112233-4455-6677-8899-aabbccddeeff"},
      {type_oid::kDate, "2000-01-01", bytes({0, 0, 0, 0}), "2000-01-01"},
      {type_oid::kDate, "1999-12-31", bytes({0xff, 0xff, 0xff, 0xff}), "1999-12-31"},
      {type_oid::kDate, "2024-02-29", bytes({0, 0, 0x22, 0x79}), "2024-02-29"},
      {type_oid::kJsonb, "{\"a\": 1}", "\1{\"a\": 1}", "{\"a\": 1}"},
  };
  for (const auto& each : pairs) {
    EXPECT_EQ(plain_value(each.type, Format::text, each.text, DateWriting::iso), each.plain) << each.text;
    EXPECT_EQ(plain_value(each.type, Format::binary, each.binary, DateWriting::iso), each.plain) << each.text;
    EXPECT_EQ(typed_value(each.type, Format::text, each.plain, DateWriting::iso), each.text) << each.text;
    EXPECT_EQ(typed_value(each.type, Format::binary, each.plain, DateWriting::iso), each.binary) << each.text;
  }
}

TEST(Value, WhatIsNoneOfItsType) {
  const auto none = [](std::uint32_t type, Format format, std::string_view value) {
    EXPECT_EQ(plain_value(type, format, value, DateWriting::iso), std::nullopt) << type << " " << value;
  };
  none(type_oid::kInt4, Format::text, "2147483648");
  none(type_oid::kInt4, Format::text, "1x");
  none(type_oid::kInt4, Format::text, "");
  none(type_oid::kInt4, Format::binary, "123");
  none(type_oid::kBool, Format::text, "yes");
  none(type_oid::kUuid, Format::text, "00112233x4455-6677-8899-aabbccddeeff");
  none(type_oid::kDate, Format::text, "2023-02-29");
  none(type_oid::kDate, Format::text, "infinity");
  none(type_oid::kDate, Format::binary, bytes({0x7f, 0xff, 0xff, 0xff}));
  none(type_oid::kBytea, Format::text, "\\x0");
  none(type_oid::kJsonb, Format::binary, "{}");
  none(type_oid::kNumeric, Format::text, "1");
  EXPECT_EQ(typed_value(type_oid::kInt2, Format::text, "40000", DateWriting::iso), std::nullopt);
  EXPECT_EQ(typed_value(type_oid::kBool, Format::text, "x", DateWriting::iso), std::nullopt);
}

TEST(Value, OtherWaysToWriteThem) {
  EXPECT_EQ(plain_value(type_oid::kBytea, Format::text, "a\\\\\\377", DateWriting::iso), "615cff");
  EXPECT_EQ(typed_value(type_oid::kDate, Format::text, "2000-01-01", date_writing("SQL, DMY")), "01/01/2000");
  EXPECT_EQ(typed_value(type_oid::kDate, Format::text, "2000-01-01", date_writing("German, DMY")), "01.01.2000");
  EXPECT_EQ(plain_value(type_oid::kDate, Format::text, "01.02.2000", DateWriting::german), std::nullopt);
}

}  // namespace
}  // namespace bulwark::database
