// What a role may do with which table and columns.
#include "database/guards/least_privilege.h"

#include "database/guards/policy_guards_test.h"

namespace bulwark::database {
namespace {

class LeastPrivilegeTest : public PolicyGuardTest {
 protected:
  LeastPrivilegeTest() {
    guard_ = make_least_privilege({GuardMode::enforce,
                                   {{"app",
                                     {{"orders", {Verb::select, Verb::insert}, {}, {"card"}},
                                      {"products", {Verb::select}, {"id", "name"}, {}},
                                      {"sales.*", {Verb::select}, {}, {}},
                                      {"carts", {Verb::select, Verb::insert, Verb::update, Verb::delete_rows}, {}, {}}}}}});
  }
};

TEST_F(LeastPrivilegeTest, PassesWhatIsGranted) {
  for (const char* sql :
       {"select id, total from orders where id = $1", "select count(*) from orders",
        "insert into orders (id, total) values (1, 2) returning id", "select o.id, c.* from orders o join carts c on c.id = o.cart",
        "select id, name from products order by name", "select * from sales.report", "update carts set n = 2 where id = 1",
        "delete from carts where id = 1", "with x as (select id from orders) select id from x", "select 1", "begin",
        "insert into carts (id, n) values (1, 2) on conflict (id) do update set n = excluded.n"})
    EXPECT_EQ(denied(sql), "") << sql;
}

TEST_F(LeastPrivilegeTest, DeniesTablesAndVerbs) {
  for (const char* sql : {"select * from users", "update orders set total = 0 where id = 1", "delete from orders where id = 1",
                          "truncate orders", "drop table carts", "select 1 from orders where exists (select 1 from users)",
                          "with x as (delete from products returning id) select id from x", "select id from other.report",
                          "alter table carts add column x int", "grant all on orders to public", "alter role app superuser"})
    EXPECT_NE(denied(sql), "") << sql;
  EXPECT_EQ(denied("select id from users"), "the role may not use table users");
}

TEST_F(LeastPrivilegeTest, DeniesColumnsHoweverTheyAreNamed) {
  for (const char* sql : {"select card from orders",
                          "select o.card from orders o",
                          "select * from orders",
                          "select o.* from orders o",
                          "select o from orders o",
                          "select row_to_json(orders) from orders",
                          "select (o).card from orders o",
                          "select id from orders where card like '4%'",
                          "select id from orders order by card",
                          "select x.c from orders as x (a, b, c)",
                          "table orders",
                          "select id from orders group by id having max(card) > ''",
                          "insert into orders (id, card) values (1, 'x')",
                          "insert into orders values (1, 2)",
                          "insert into orders (id) values (1) returning *",
                          "copy orders to stdout",
                          "copy orders (id, card) to stdout",
                          "copy orders from stdin",
                          "select (select card from orders limit 1)",
                          "select price from products",
                          "select * from products",
                          "with x as (select * from orders) select id from x",
                          "select \"card\" from orders",
                          "select p.price from products p join orders o on o.product = p.id"})
    EXPECT_NE(denied(sql), "") << sql;
  EXPECT_EQ(denied("select card from orders"), "the role may not use column orders.card");
  EXPECT_TRUE(passes("copy orders (id, total) to stdout"));
}

TEST_F(LeastPrivilegeTest, LeavesOtherRolesToTheServer) { EXPECT_TRUE(passes("delete from users", "admin")); }

}  // namespace
}  // namespace bulwark::database
