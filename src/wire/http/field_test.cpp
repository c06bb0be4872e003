// Names and values of fields against the byte-by-byte reading of RFC 9110 §5.5 and §5.6.2 that they replace.
#include "wire/http/field.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "wire/http/characters.h"

namespace bulwark::http {
namespace {

std::size_t naive_token(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && is_token(text.substr(size, 1))) ++size;
  return size;
}

bool naive_field_value(std::string_view text) {
  for (const char c : text)
    if (c == 0x7f || (static_cast<unsigned char>(c) < 0x20 && c != '\t')) return false;
  return true;
}

TEST(FieldName, EndsWhereTheTokenEnds) {
  std::mt19937 random(7);
  const std::string_view letters = "Content-Length_x9!~:\t \r\n\x7f\x80@{";
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 40, 'a');
    for (char& c : text) c = random() % 4 == 0 ? letters[random() % letters.size()] : static_cast<char>('a' + random() % 26);
    ASSERT_EQ(read_name(text).size, naive_token(text)) << text;
  }
}

TEST(FieldName, IsKnownInAnyCaseAndByItsLookAlike) {
  EXPECT_EQ(read_name("CONTENT-length: 5").known, KnownField::content_length);
  EXPECT_EQ(read_name("CONTENT-length: 5").size, 14U);
  EXPECT_FALSE(read_name("Content-Length: 5").look_alike);
  EXPECT_TRUE(read_name("Content_Length: 5").look_alike);
  EXPECT_EQ(read_name("x-forwarded-server-").known, KnownField::other);
  EXPECT_EQ(read_name("proxy-authorization").known, KnownField::proxy_authorization);
  EXPECT_EQ(read_name("proxy-authorization2").known, KnownField::other);
  bool look_alike = true;
  EXPECT_EQ(known_field("host:", look_alike), KnownField::other);
  EXPECT_FALSE(look_alike);
}

TEST(FieldValue, IsReadEightBytesAtATimeAsOneByOne) {
  std::mt19937 random(11);
  for (unsigned odd = 0; odd < 256; ++odd)
    for (std::size_t size = 1; size <= 24; ++size) {
      std::string text(size, '\xff');
      for (char& c : text) c = static_cast<char>(random() % 2 == 0 ? 0x20 + random() % 0x5f : 0x80 + random() % 0x80);
      text[random() % size] = static_cast<char>(odd);
      ASSERT_EQ(is_field_value(text), naive_field_value(text)) << odd << " in " << size;
    }
}

}  // namespace
}  // namespace bulwark::http
