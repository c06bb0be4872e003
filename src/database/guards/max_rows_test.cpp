// Who may get or write how many rows of which table.
#include "database/guards/max_rows.h"

#include "database/guards/followed_result_test.h"

namespace bulwark::database {
namespace {

class MaxRowsTest : public FollowedResultTest {
 protected:
  MaxRowsTest() {
    guard_ = make_max_rows({GuardMode::enforce,
                            {{"app", "customers", {Verb::select}, 3},
                             {"", "customers", {Verb::update, Verb::delete_rows}, 1},
                             {"app", "sales.*", {Verb::select}, 2}}});
  }
};

TEST_F(MaxRowsTest, ResultsAndWritesPastTheLimitAreDenied) {
  EXPECT_EQ(result("select * from customers", 3), "");
  EXPECT_NE(result("select * from customers", 4), "");
  EXPECT_NE(result("select * from orders join customers on true", 4), "");
  EXPECT_EQ(result("select * from sales.orders", 2), "");
  EXPECT_NE(result("select * from sales.orders", 3), "");
  EXPECT_EQ(result("select * from customers", 1'000, "reporting"), "");
  const auto update = follow("update customers set name = 'a'", "reporting");
  update->written(1);
  EXPECT_EQ(update->denial(), nullptr);
  update->written(2);
  ASSERT_NE(update->denial(), nullptr);
  EXPECT_EQ(update->denial()->sqlstate, "54000");
  EXPECT_TRUE(update->may_deny());
}

TEST_F(MaxRowsTest, WhatHasNoLimitIsNotFollowed) {
  EXPECT_EQ(follow("select * from orders"), nullptr);
  EXPECT_EQ(follow("insert into customers values (1)"), nullptr);
  EXPECT_EQ(follow("begin"), nullptr);
}

TEST_F(MaxRowsTest, TheLeastLimitDecides) {
  const auto both = follow("with gone as (delete from customers returning *) select * from gone join customers using (id)");
  EXPECT_EQ(both->most_rows(), 1U);
}

TEST_F(MaxRowsTest, RowsThatCannotBeCountedAreRefused) {
  EXPECT_FALSE(passes("prepare p as select * from customers"));
  EXPECT_FALSE(passes("declare c cursor for select * from customers"));
  EXPECT_FALSE(passes("select 1; select * from customers"));
  EXPECT_TRUE(passes("declare c cursor for select * from orders"));
  EXPECT_TRUE(passes("select * from customers"));
  EXPECT_TRUE(passes("begin; commit"));
  EXPECT_TRUE(passes(""));
}

TEST_F(MaxRowsTest, MonitoringTellsOnce) {
  guard_ = make_max_rows({GuardMode::monitor, {{"", "*", {Verb::select}, 2}}});
  const auto followed = follow("select * from anything");
  EXPECT_FALSE(followed->may_deny());
  for (int i = 0; i < 100; ++i) followed->row();
  followed->written(100);
  EXPECT_EQ(followed->denial(), nullptr);
  EXPECT_EQ(followed->findings().size(), 1U);
  EXPECT_EQ(followed->rows(), 100U);
}

}  // namespace
}  // namespace bulwark::database
