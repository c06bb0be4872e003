// From learned shapes back to what they touch.
#include <gtest/gtest.h>

#include "database/parsed_statement.h"
#include "database/review.h"

namespace bulwark::database {
namespace {

std::string shape_of(std::string_view sql) {
  StatementParser parser;
  const auto parsed = parser.parse(sql, {});
  EXPECT_TRUE(parsed.ok()) << sql;
  return std::string((*parsed)->shape());
}

TEST(LearnedUses, AShapeCanBeParsedAgain) {
  StatementParser parser;
  for (const char* sql : {"select a from t where a in (1, 2, 3) and b = 'x' limit 5", "insert into t (a, b) values (1, 'x'), (2, 'y')",
                          "select \"a?, ...\" from t", "select 1.5, $1, B'01'"}) {
    const std::string text = restored(shape_of(sql));
    EXPECT_TRUE(parser.parse(text, {}).ok()) << text;
  }
}

TEST(LearnedUses, TellsWhatARoleDoes) {
  const std::string print(64, 'a');
  const auto found = learned_uses({{print, "app", shape_of("update orders set a = 1 where b = 'x'")},
                                   {print, "app", shape_of("select * from orders join items using (id)")},
                                   {print, "other", "this is cut in the mid"}});
  ASSERT_EQ(found.uses.size(), 2U);
  EXPECT_EQ(found.uses[0].table, "items");
  EXPECT_EQ(found.uses[0].access, access::kRead);
  EXPECT_EQ(found.uses[1].table, "orders");
  EXPECT_EQ(found.uses[1].access, access::kRead | access::kUpdate);
  EXPECT_EQ(found.unknown_roles, std::vector<std::string>{"other"});
  EXPECT_EQ(found.concatenated.size(), 1U);
}

}  // namespace
}  // namespace bulwark::database
