// A server's messages, read back from what the writer makes.
#include "wire/postgres/reply.h"

#include <gtest/gtest.h>

#include "wire/postgres/message.h"
#include "wire/postgres/writer.h"

namespace bulwark::wire::postgres {
namespace {

using namespace std::string_view_literals;

std::string_view body_of(const std::string& message) { return std::string_view(message).substr(kHeaderBytes); }

TEST(PostgresReply, ErrorsRoundTrip) {
  std::string message;
  write_error(message, {.severity = "FATAL", .sqlstate = "42501", .message = "no", .hint = "ask"});
  const auto header = read_header(message);
  ASSERT_EQ((*header)->body_bytes, message.size() - kHeaderBytes);
  const auto fields = read_error(body_of(message));
  ASSERT_TRUE(fields.ok());
  EXPECT_EQ(fields->severity, "FATAL");
  EXPECT_EQ(fields->sqlstate, "42501");
  EXPECT_EQ(fields->message, "no");
  EXPECT_FALSE(read_error("SERROR\0"sv).ok());
  EXPECT_FALSE(read_error("SERROR"sv).ok());
  EXPECT_FALSE(read_error(""sv).ok());
}

TEST(PostgresReply, TagsGiveRows) {
  EXPECT_EQ(read_command_complete("INSERT 0 3\0"sv)->rows, 3U);
  EXPECT_EQ(read_command_complete("SELECT 12\0"sv)->rows, 12U);
  EXPECT_EQ(read_command_complete("BEGIN\0"sv)->rows, 0U);
  EXPECT_EQ(read_command_complete("CREATE TABLE\0"sv)->rows, 0U);
  EXPECT_EQ(read_command_complete("SELECT 99999999999999999999\0"sv)->rows, 0U);
  EXPECT_FALSE(read_command_complete("SELECT 1"sv).ok());
}

TEST(PostgresReply, SmallOnes) {
  EXPECT_EQ(*read_ready_for_query("T"), TransactionState::open);
  EXPECT_FALSE(read_ready_for_query("x").ok());
  EXPECT_FALSE(read_ready_for_query("TT").ok());
  EXPECT_EQ(read_parameter_status("TimeZone\0UTC\0"sv)->value, "UTC");
  EXPECT_FALSE(read_parameter_status("TimeZone\0UTC"sv).ok());
  std::string key;
  write_backend_key(key, {1, 2});
  EXPECT_EQ(*read_backend_key(body_of(key)), (BackendKey{1, 2}));
}

TEST(PostgresReply, SaslMechanisms) {
  std::string message;
  const std::string_view offered[] = {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"};
  write_sasl_mechanisms(message, offered);
  const auto authentication = read_authentication(body_of(message));
  ASSERT_TRUE(authentication.ok());
  EXPECT_EQ(authentication->code, Authentication::kSasl);
  const auto mechanisms = read_sasl_mechanisms(authentication->data);
  ASSERT_TRUE(mechanisms.ok());
  ASSERT_EQ(mechanisms->size(), 2U);
  EXPECT_EQ((*mechanisms)[1], "SCRAM-SHA-256");
  EXPECT_FALSE(read_sasl_mechanisms("A\0"sv).ok());
}

}  // namespace
}  // namespace bulwark::wire::postgres
