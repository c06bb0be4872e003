// What is shown of values, by kind of mask and type.
#include "database/protection/mask.h"

#include <gtest/gtest.h>

#include <set>

namespace bulwark::database {
namespace {

crypto::Key key(std::uint8_t of = 7) {
  crypto::Key made;
  made.bytes.fill(of);
  return made;
}

std::optional<std::string> shown(MaskSettings settings, std::uint32_t type, std::string_view value, Format format = Format::text) {
  if (settings.column.empty()) settings.column = "t.c";
  return Mask(settings, key()).cover({type, -1, format, DateWriting::iso}, value);
}

TEST(Mask, FullShowsAFixedValueOfTheType) {
  const MaskSettings full;
  EXPECT_EQ(shown(full, type_oid::kText, "secret"), "********");
  EXPECT_EQ(shown(full, type_oid::kInt4, "42"), "0");
  EXPECT_EQ(shown(full, type_oid::kInt4, "\1\2\3\4", Format::binary), std::string(4, '\0'));
  EXPECT_EQ(shown(full, type_oid::kDate, "1987-05-17"), "2000-01-01");
  EXPECT_EQ(shown(full, type_oid::kBool, "t"), "f");
  EXPECT_EQ(shown(full, type_oid::kNumeric, "12.5"), "0");
  EXPECT_EQ(shown(full, type_oid::kNumeric, std::string(10, '\1'), Format::binary), std::string(8, '\0'));
  EXPECT_EQ(shown(full, type_oid::kTimestamptz, "2020-02-03 04:05:06+01"), "2000-01-01 00:00:00+00");
  EXPECT_EQ(shown(full, type_oid::kUuid, "00112233-4455-6677-8899-aabbccddeeff"), "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(shown(full, type_oid::kJsonb, "{\"a\":1}", Format::binary), "\1{}");
  EXPECT_EQ(shown(full, type_oid::kBytea, "\\x01"), "\\x");
  EXPECT_EQ(shown(full, 99'999, "label"), std::nullopt) << "of a type that is not known: NULL";
}

TEST(Mask, PartialKeepsTheEnds) {
  const MaskSettings partial{.mask = MaskKind::partial, .keep_first = 1, .keep_last = 3};
  EXPECT_EQ(shown(partial, type_oid::kText, "anna@example.com"), "a************com");
  EXPECT_EQ(shown(partial, type_oid::kText, "äöüßéè"), "ä**ßéè");
  EXPECT_EQ(shown(partial, type_oid::kText, "abcd"), "****") << "nothing would be covered";
  EXPECT_EQ(shown(partial, type_oid::kText, ""), "");
  EXPECT_EQ(shown(partial, type_oid::kInt8, "-123456789"), "-100000789");
  EXPECT_EQ(shown(partial, type_oid::kInt4, "1234"), "0");
  EXPECT_EQ(shown(partial, type_oid::kDate, "1987-05-17"), "1987-01-01");
  EXPECT_EQ(shown(partial, type_oid::kUuid, "12345678-1234-1234-1234-123456789abc"), "10000000-0000-0000-0000-000000000abc");
  EXPECT_EQ(shown(partial, type_oid::kTimestamp, "1987-05-17 01:02:03"), "2000-01-01 00:00:00");
}

TEST(Mask, HashesAreEqualForEqualValuesInBothFormats) {
  const MaskSettings hash{.mask = MaskKind::hash};
  const std::string number("\0\0\0\x2a", 4);
  const auto text = shown(hash, type_oid::kInt4, "42");
  const auto binary = shown(hash, type_oid::kInt4, number, Format::binary);
  ASSERT_TRUE(text && binary);
  EXPECT_EQ(plain_value(type_oid::kInt4, Format::binary, *binary, DateWriting::iso), *text);
  EXPECT_NE(*text, "42");
  EXPECT_NE(shown(hash, type_oid::kInt4, "43"), text);
  EXPECT_EQ(shown(hash, type_oid::kText, "anna")->size(), 64U);
  MaskSettings limited = hash;
  limited.column = "t.c";
  EXPECT_EQ(Mask(limited, key()).cover({type_oid::kVarchar, 14, Format::text, DateWriting::iso}, "anna")->size(), 10U);
  const auto uuid = shown(hash, type_oid::kUuid, "00112233-4455-6677-8899-aabbccddeeff");
  ASSERT_TRUE(uuid);
  EXPECT_EQ((*uuid)[14], '8');
  const auto day = shown(hash, type_oid::kDate, "1987-05-17");
  ASSERT_TRUE(day);
  EXPECT_TRUE(plain_value(type_oid::kDate, Format::text, *day, DateWriting::iso));
  EXPECT_NE(*Mask(limited, key(8)).cover({type_oid::kText, -1, Format::text, DateWriting::iso}, "anna"),
            *shown(hash, type_oid::kText, "anna"));
}

TEST(Mask, TokensJoinWithinADomain) {
  const MaskSettings one{.column = "a.x", .mask = MaskKind::token, .domain = "person"};
  const MaskSettings other{.column = "b.y", .mask = MaskKind::token, .domain = "person"};
  const MaskSettings alone{.column = "b.y", .mask = MaskKind::token};
  EXPECT_EQ(shown(one, type_oid::kText, "anna"), shown(other, type_oid::kText, "anna"));
  EXPECT_NE(shown(one, type_oid::kText, "anna"), shown(alone, type_oid::kText, "anna"));
  EXPECT_TRUE(shown(one, type_oid::kText, "anna")->starts_with("tok_"));
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(*shown(one, type_oid::kText, std::to_string(i)));
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Mask, AnyBytesAreCovered) {
  for (const MaskKind kind : {MaskKind::full, MaskKind::partial, MaskKind::hash, MaskKind::token})
    for (const std::uint32_t type : {type_oid::kText, type_oid::kInt4, type_oid::kDate, type_oid::kUuid, type_oid::kBytea})
      for (const Format format : {Format::text, Format::binary}) {
        const auto made = shown({.mask = kind, .keep_last = 0}, type, "\xff\xfe secret \x80", format);
        EXPECT_EQ(made.value_or("").find("secret"), std::string::npos);
      }
}

}  // namespace
}  // namespace bulwark::database
