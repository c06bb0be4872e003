// Where the key of a honey row may stand in a result, and where something else only looks like it.
#include "database/guards/honey_rows.h"

#include "database/guards/followed_result_test.h"

namespace bulwark::database {
namespace {

std::string field(std::string_view bytes) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(bytes.size() >> shift));
  return out.append(bytes);
}

class HoneyRowsTest : public FollowedResultTest {
 protected:
  HoneyRowsTest() { use(GuardMode::enforce); }
  void use(GuardMode mode) {
    guard_ = make_honey_rows(
        {mode,
         {{"customers", "canary.4711@acme.example"}, {"accounts", "900417"}, {"documents", "0b5f1c9e-2d34-4c11-9d5a-6a1f0e7c2b88"}},
         {"backup"}});
  }
  /// A row in pieces of so many bytes.
  std::string row(std::string_view sql, const std::string& bytes, std::size_t piece = 1'000, const std::string& role = "app") {
    const auto followed = follow(sql, role);
    if (followed == nullptr) return {};
    for (std::size_t at = 0; at < bytes.size(); at += piece) followed->bytes(std::string_view(bytes).substr(at, piece), at == 0);
    return followed->findings().empty() ? std::string() : followed->findings().front().message;
  }
};

TEST_F(HoneyRowsTest, ALongKeyIsFoundWhereverItStands) {
  const std::string key = "canary.4711@acme.example";
  EXPECT_EQ(row("select * from customers", field("7") + field(key)), "a honey row of table customers was read by role app from ::");
  EXPECT_NE(row("select row_to_json(c) from somewhere c", field("{\"mail\":\"" + key + "\"}")), "");
  EXPECT_NE(row("copy customers to stdout", "7\t" + key + "\tx\n"), "");
  for (std::size_t piece = 1; piece < 40; ++piece) EXPECT_NE(row("select 1", field("some") + field(key), piece), "") << piece;
  EXPECT_EQ(row("select * from customers", field("canary.4712@acme.example")), "");
  EXPECT_EQ(row("select * from customers", field(key), 1'000, "backup"), "");
}

TEST_F(HoneyRowsTest, AShortKeyIsAColumnOfItsOwn) {
  EXPECT_NE(row("select * from accounts", field("1") + field("900417")), "");
  EXPECT_NE(row("select * from public.accounts", field(std::string("\0\0\0\0\0\x0d\xbd\x41", 8))), "");
  EXPECT_NE(row("select * from accounts", field(std::string("\0\x0d\xbd\x41", 4))), "");
  EXPECT_NE(row("fetch all from c", field("900417")), "");
  EXPECT_EQ(row("select * from accounts", field("1900417")), "");
  EXPECT_EQ(row("select * from orders", field("900417")), "");
}

TEST_F(HoneyRowsTest, UuidsInBothForms) {
  EXPECT_NE(row("select * from documents", field("0b5f1c9e-2d34-4c11-9d5a-6a1f0e7c2b88")), "");
  EXPECT_NE(row("select * from documents", field("\x0b\x5f\x1c\x9e\x2d\x34\x4c\x11\x9d\x5a\x6a\x1f\x0e\x7c\x2b\x88")), "");
}

TEST_F(HoneyRowsTest, RowsAreLookedAtOneByOne) {
  const auto followed = follow("select * from customers");
  followed->bytes("canary.4711", true);
  followed->bytes("@acme.example", true);
  EXPECT_EQ(followed->denial(), nullptr);
}

TEST_F(HoneyRowsTest, SaysWhoReadIt) {
  auto context = std::make_shared<trace::Context>();
  context->target = "GET /export";
  context->principal.user = "u-17";
  context->client = *IpAddress::parse("203.0.113.9");
  request_ = context;
  EXPECT_EQ(row("select * from accounts", field("900417")),
            "a honey row of table accounts was read by role app for GET /export of user u-17 from 203.0.113.9");
}

TEST_F(HoneyRowsTest, MonitoringTellsOnceAndLetsItPass) {
  use(GuardMode::monitor);
  const auto followed = follow("select * from accounts");
  for (int i = 0; i < 5; ++i) followed->bytes(field("900417"), true);
  EXPECT_EQ(followed->denial(), nullptr);
  EXPECT_EQ(followed->findings().size(), 1U);
}

}  // namespace
}  // namespace bulwark::database
