// Results as the server sends them, rewritten, and held against a naive reading of both sides.
#include "database/protection/result_filter.h"

#include <gtest/gtest.h>

#include <random>

#include "database/parsed_statement.h"
#include "database/protection/fixed_catalogue.h"
#include "wire/postgres/rows.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

namespace wp = wire::postgres;
using Values = std::vector<std::optional<std::string>>;

struct Field {
  std::uint32_t table;
  std::uint16_t attribute;
  std::uint32_t type;
  std::uint16_t format = 0;
};

std::string body_of(const std::string& message) { return message.substr(5); }

std::string description(const std::vector<Field>& fields) {
  std::string out;
  wp::Message message(out, 'T');
  message.u16(static_cast<std::uint16_t>(fields.size()));
  for (const auto& each : fields)
    message.c_string("c").u32(each.table).u16(each.attribute).u32(each.type).u16(4).u32(0xffffffff).u16(each.format);
  message.finish();
  return body_of(out);
}

std::string row(const Values& values) {
  std::string out;
  wp::Message message(out, 'D');
  message.u16(static_cast<std::uint16_t>(values.size()));
  for (const auto& each : values) {
    message.u32(each ? static_cast<std::uint32_t>(each->size()) : 0xffffffff);
    if (each) message.bytes(*each);
  }
  message.finish();
  return body_of(out);
}

class ResultFilterTest : public testing::Test {
 protected:
  void SetUp() override {
    settings_.masks = {{.column = "users.email", .roles = {"support"}, .mask = MaskKind::partial, .keep_last = 2},
                       {.column = "users.age", .roles = {"support"}}};
    protection_ = FixedCatalogue::protect(settings_);
    filter_.emplace(protection_, "support", "app");
  }
  std::string rewritten(const std::string& body) {
    std::string out;
    EXPECT_TRUE(filter_->row(body, DateWriting::iso, out).ok());
    return out;
  }
  std::shared_ptr<const ShapeFacts> facts_of(std::string_view sql) {
    const auto parsed = parser_.parse(sql, {});
    EXPECT_TRUE(parsed.ok());
    return (*parsed)->shared_facts();
  }
  std::string copied(std::string_view sql, int columns, const std::string& data, bool binary = false) {
    std::string response(1, binary ? '\1' : '\0');
    append_integer(response, static_cast<std::uint64_t>(columns), 2);
    for (int i = 0; i < columns; ++i) append_integer(response, binary ? 1 : 0, 2);
    const auto facts = facts_of(sql);
    const auto begun = filter_->begin_copy(response, facts.get());
    EXPECT_TRUE(begun.ok()) << (begun.ok() ? "" : begun.error().message);
    if (!filter_->wants('d')) return data;
    std::string out;
    const auto done = filter_->copied(data, DateWriting::iso, out);
    return done.ok() ? out : "error: " + done.error().message;
  }

  ProtectionSettings settings_;
  std::shared_ptr<const Protection> protection_;
  std::optional<ResultFilter> filter_;
  StatementParser parser_;
};

TEST_F(ResultFilterTest, CoversWhatTheServerSaysItIs) {
  using F = FixedCatalogue;
  ASSERT_TRUE(filter_
                  ->describe(description({{F::kUsers, 1, type_oid::kInt4},
                                          {F::kUsers, 2, type_oid::kText},
                                          {0, 0, type_oid::kText},
                                          {F::kUsers, 3, type_oid::kInt4, 1},
                                          {F::kOrders, 3, type_oid::kText}}))
                  .ok());
  EXPECT_EQ(rewritten(row({"1", "anna@x", "anna@x", std::string("\0\0\0\x2a", 4), "anna@x"})),
            row({"1", "****@x", "anna@x", std::string(4, '\0'), "anna@x"}));
  EXPECT_EQ(rewritten(row({"1", std::nullopt, std::nullopt, std::nullopt, ""})), row({"1", std::nullopt, std::nullopt, std::nullopt, ""}));
  EXPECT_EQ(filter_->take_counts(), (ResultFilter::Counts{{"users.email", 1}, {"users.age", 1}}));
}

TEST_F(ResultFilterTest, WithholdsWhatItCannotTell) {
  EXPECT_FALSE(filter_->describe(description({{30'000, 1, type_oid::kText}})).ok()) << "a table that is not known";
  EXPECT_FALSE(filter_->describe(description({{FixedCatalogue::kUsers, 0, type_oid::kText}})).ok()) << "a whole row";
  EXPECT_FALSE(filter_->describe(description({{FixedCatalogue::kUsers, 9, type_oid::kText}})).ok()) << "a new column";
  std::string out;
  EXPECT_FALSE(filter_->row(row({"x"}), DateWriting::iso, out).ok()) << "no description";
  ASSERT_TRUE(filter_->describe(description({{1259, 2, type_oid::kName}, {FixedCatalogue::kUsers, 2, type_oid::kText}})).ok());
  EXPECT_FALSE(filter_->row(row({"x"}), DateWriting::iso, out).ok()) << "fewer columns than announced";
  EXPECT_FALSE(filter_->row("\0\1\0\0\0\7x", DateWriting::iso, out).ok()) << "malformed";
}

TEST_F(ResultFilterTest, CopiesInThreeFormats) {
  EXPECT_EQ(copied("copy users to stdout", 4, "1\tan\\tna@x\t42\t\\N\n"), "1\t*****@x\t0\t\\N\n");
  EXPECT_EQ(copied("copy users (email, id) to stdout", 2, "\\N\t1\n"), "\\N\t1\n");
  EXPECT_EQ(copied("copy users (email) to stdout with (null 'none', delimiter '|')", 1, "a\\|b\\\\c\n"), "***\\\\c\n");
  EXPECT_EQ(copied("copy users to stdout with (format csv)", 4, "1,\"an,\"\"na@x\",42,\n"), "1,\"******@x\",\"0\",\n");
  EXPECT_EQ(copied("copy users to stdout csv", 4, "1,anna@x,42,\n"), "1,\"****@x\",\"0\",\n");
  const std::string header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  EXPECT_EQ(copied("copy users (email, id) to stdout (format binary)", 2, header + row({"anna@x", std::string("\0\0\0\1", 4)}), true),
            header + row({"****@x", std::string("\0\0\0\1", 4)}));
  EXPECT_EQ(copied("copy users (email) to stdout (format binary)", 1, header + "\xff\xff", true), header + "\xff\xff");
  EXPECT_EQ(copied("copy orders to stdout", 3, "1\t1\tx\n"), "1\t1\tx\n");
  EXPECT_TRUE(copied("copy users to stdout", 4, "1\tx\n").starts_with("error:"));
  EXPECT_TRUE(copied("copy users to stdout", 4, "1\tx\t1\t2\t3\n").starts_with("error:"));
}

TEST_F(ResultFilterTest, ErrorsLoseWhatTheyQuote) {
  std::string error;
  wp::write_error(error, {.sqlstate = "23502", .message = "null value in column", .detail = "Failing row contains (anna@x)", .hint = "h"});
  std::string out;
  ResultFilter::write_redacted('E', body_of(error), out);
  EXPECT_EQ(out.find("anna"), std::string::npos);
  EXPECT_NE(out.find("null value"), std::string::npos);
  EXPECT_NE(out.find("23502"), std::string::npos);
  std::string same;
  wp::write_error(same, {.sqlstate = "23502", .message = "m", .hint = "h"});
  out.clear();
  ResultFilter::write_redacted('E', body_of(same), out);
  EXPECT_EQ(out, same);
}

/// Random results against the plain thought: a value is covered if its column is, and stays what it was if not.
TEST_F(ResultFilterTest, LikeItsNaiveTwin) {
  std::mt19937 random(4711);
  const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  for (int round = 0; round < 2000; ++round) {
    std::vector<Field> fields(below(6));
    Values values(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::uint32_t tables[] = {0, FixedCatalogue::kUsers, FixedCatalogue::kOrders};
      fields[i].table = tables[below(3)];
      fields[i].attribute = fields[i].table == 0 ? 0 : static_cast<std::uint16_t>(1 + below(3));
      const bool number = fields[i].table == FixedCatalogue::kUsers && fields[i].attribute != 2;
      fields[i].type = number ? type_oid::kInt4 : type_oid::kText;
      if (below(4) > 0) values[i] = number ? std::to_string(below(100'000)) : std::string(below(20), static_cast<char>('a' + below(26)));
    }
    ASSERT_TRUE(filter_->describe(description(fields)).ok());
    Values wanted = values;
    for (std::size_t i = 0; i < fields.size(); ++i)
      for (std::size_t rule = 0; rule < settings_.masks.size(); ++rule)
        if (fields[i].table == FixedCatalogue::kUsers && fields[i].attribute == rule + 2 && values[i])
          wanted[i] = Mask(settings_.masks[rule], crypto::Key()).cover({fields[i].type, -1, Format::text, DateWriting::iso}, *values[i]);
    std::string shown = row(values);
    if (filter_->wants('D')) shown = rewritten(shown);
    ASSERT_EQ(shown, row(wanted));
  }
}

}  // namespace
}  // namespace bulwark::database
