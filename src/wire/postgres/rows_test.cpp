// Results on the wire: what is read of them, and what is refused.
#include "wire/postgres/rows.h"

#include <gtest/gtest.h>

#include "wire/postgres/message.h"
#include "wire/postgres/writer.h"

namespace bulwark::wire::postgres {
namespace {

std::string description() {
  std::string out;
  Message(out, 'T')
      .u16(2)
      .c_string("id")
      .u32(16'400)
      .u16(1)
      .u32(23)
      .u16(4)
      .u32(0xffffffff)
      .u16(0)
      .c_string("n")
      .u32(0)
      .u16(0)
      .u32(1043)
      .u16(0xffff)
      .u32(14)
      .u16(1)
      .finish();
  return out.substr(kHeaderBytes);
}

TEST(Rows, DescriptionsAreRead) {
  const std::string body = description();
  const auto fields = read_row_description(body);
  ASSERT_TRUE(fields.ok());
  ASSERT_EQ(fields->size(), 2U);
  EXPECT_EQ((*fields)[0].name, "id");
  EXPECT_EQ((*fields)[0].table, 16'400U);
  EXPECT_EQ((*fields)[0].attribute, 1);
  EXPECT_EQ((*fields)[1].size, -1);
  EXPECT_EQ((*fields)[1].modifier, 14);
  EXPECT_EQ((*fields)[1].format, 1);
  for (std::size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(read_row_description(body.substr(0, size)).ok()) << size;
  EXPECT_FALSE(read_row_description(body + "x").ok());
}

TEST(Rows, ValuesAreRead) {
  const std::string body("\0\3\0\0\0\2ab\xff\xff\xff\xff\0\0\0\0", 16);
  std::vector<std::optional<std::string_view>> values;
  ASSERT_TRUE(read_data_row(body, values).ok());
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0], "ab");
  EXPECT_EQ(values[1], std::nullopt);
  EXPECT_EQ(values[2], "");
  for (std::size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(read_data_row(std::string_view(body).substr(0, size), values).ok());
  EXPECT_FALSE(read_data_row(body + "x", values).ok());
  EXPECT_FALSE(read_data_row(std::string("\xff\xff", 2), values).ok());
}

TEST(Rows, CopyResponsesAreRead) {
  const auto response = read_copy_response(std::string("\1\0\2\0\1\0\1", 7));
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->binary);
  EXPECT_EQ(response->columns, 2);
  EXPECT_FALSE(read_copy_response(std::string("\1\0\2\0\1", 5)).ok());
  EXPECT_FALSE(read_copy_response("").ok());
}

}  // namespace
}  // namespace bulwark::wire::postgres
