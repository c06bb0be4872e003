// Frames, client messages and start-up packets: the well-formed, and each way of being malformed.
#include "wire/postgres/message.h"

#include <gtest/gtest.h>

#include "wire/postgres/startup.h"
#include "wire/postgres/writer.h"

namespace bulwark::wire::postgres {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(PostgresHeader, ReadsTypeAndLength) {
  const auto header = read_header("Q\0\0\0\x0dselect 1\0"sv);
  ASSERT_TRUE(header.ok());
  EXPECT_EQ((*header)->type, 'Q');
  EXPECT_EQ((*header)->body_bytes, 9U);
}

TEST(PostgresHeader, WaitsForFiveBytes) {
  const auto header = read_header("Q\0\0\0"sv);
  ASSERT_TRUE(header.ok());
  EXPECT_FALSE(header->has_value());
}

TEST(PostgresHeader, RefusesAbsurdLengths) {
  EXPECT_EQ(read_header("Q\0\0\0\x03"sv).error().code, Code::invalid);
  EXPECT_EQ(read_header("Q\xff\xff\xff\xff"sv).error().code, Code::too_large);
  EXPECT_EQ(read_header("Q\0\0\0\x0e"sv, 9).error().code, Code::too_large);
}

TEST(PostgresQuery, IsOneTerminatedString) {
  EXPECT_EQ(*read_query("select 1\0"sv), "select 1");
  EXPECT_FALSE(read_query("select 1"sv).ok());
  EXPECT_FALSE(read_query("select 1\0; drop table t\0"sv).ok());
  EXPECT_FALSE(read_query(""sv).ok());
}

TEST(PostgresParse, CountsItsTypes) {
  const auto parsed = read_parse("s1\0select $1\0\0\x01\0\0\0\x17"sv);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->statement, "s1");
  EXPECT_EQ(parsed->sql, "select $1");
  EXPECT_EQ(parsed->parameter_types, 1);
  EXPECT_FALSE(read_parse("s1\0select $1\0\0\x02\0\0\0\x17"sv).ok());
  EXPECT_FALSE(read_parse("s1\0select $1\0\0"sv).ok());
}

TEST(PostgresBind, ValuesWithTheirFormats) {
  const auto text = read_bind("p\0s\0\0\0\0\2\0\0\0\3abc\xff\xff\xff\xff\0\0"sv);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->names.statement, "s");
  ASSERT_EQ(text->values.size(), 2U);
  EXPECT_EQ(text->values[0], "abc");
  EXPECT_EQ(text->values[1], std::nullopt);
  EXPECT_FALSE(text->binary(1));
  EXPECT_TRUE(read_bind("\0\0\0\1\0\1\0\1\0\0\0\1x\0\0"sv)->binary(0));
  EXPECT_FALSE(read_bind("\0\0\0\2\0\1\0\0\0\1\0\0\0\1x\0\0"sv).ok()) << "two formats for one value";
  EXPECT_FALSE(read_bind("\0\0\0\0\0\1\0\0\0\2x"sv).ok()) << "shorter than it says";
  EXPECT_FALSE(read_bind("\0\0\0"sv).ok());
  EXPECT_FALSE(read_bind("\0"sv).ok());
}

TEST(PostgresBind, NamesComeFromAPrefix) {
  const auto whole = read_bind_names("p\0s\0\0\0rest"sv);
  ASSERT_TRUE(whole.ok() && whole->has_value());
  EXPECT_EQ((*whole)->portal, "p");
  EXPECT_EQ((*whole)->statement, "s");
  EXPECT_FALSE(read_bind_names("p\0s"sv)->has_value());
  EXPECT_FALSE(read_bind_names(std::string(5000, 'x')).ok());
  EXPECT_FALSE(read_bind_names(std::string(1025, 'x') + "\0s\0"s).ok());
}

TEST(PostgresExecute, AndClose) {
  const auto execute = read_execute("\0\0\0\0\x05"sv);
  ASSERT_TRUE(execute.ok());
  EXPECT_EQ(execute->max_rows, 5U);
  EXPECT_FALSE(read_execute("\0\0\0\0\x05x"sv).ok());
  EXPECT_EQ(read_named_target("Ss1\0"sv)->name, "s1");
  EXPECT_FALSE(read_named_target("Xs1\0"sv).ok());
}

TEST(PostgresStartup, ReadsParameters) {
  std::string packet;
  const Parameter parameters[] = {{"user", "anna"}, {"database", "shop"}, {"user", "bert"}};
  write_startup(packet, parameters);
  const auto startup = read_startup(packet + "next");
  ASSERT_TRUE(startup.ok() && startup->has_value());
  EXPECT_EQ((*startup)->bytes, packet.size());
  EXPECT_EQ((*startup)->parameter("database"), "shop");
  EXPECT_EQ((*startup)->parameter("user"), "bert");
  for (std::size_t cut = 0; cut < packet.size(); ++cut) {
    const auto partial = read_startup(std::string_view(packet).substr(0, cut));
    ASSERT_TRUE(partial.ok());
    EXPECT_FALSE(partial->has_value());
  }
}

TEST(PostgresStartup, KnowsTheRequests) {
  std::string tls;
  write_ssl_request(tls);
  EXPECT_EQ((*read_startup(tls))->kind, Startup::Kind::tls);
  std::string cancel;
  write_cancel_request(cancel, {7, 0xdeadbeef});
  EXPECT_EQ((*read_startup(cancel))->key, (BackendKey{7, 0xdeadbeef}));
}

TEST(PostgresStartup, RefusesTheMalformed) {
  EXPECT_EQ(read_startup("\0\0\x27\x11\0\3\0\0"sv).error().code, Code::too_large);
  EXPECT_EQ(read_startup("\0\0\0\x08\0\2\0\0"sv).error().code, Code::unsupported);
  EXPECT_FALSE(read_startup("\0\0\0\x04"sv).ok());
  EXPECT_FALSE(read_startup("\0\0\0\x09\0\3\0\0x"sv).ok());
  EXPECT_FALSE(read_startup("\0\0\0\x0a\0\3\0\0\0x"sv).ok());
  EXPECT_FALSE(read_startup("GET / HTTP/1.1\r\n\r\n"sv).ok());
}

}  // namespace
}  // namespace bulwark::wire::postgres
