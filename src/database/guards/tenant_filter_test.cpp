// Which statements stay within one tenant, in every form in which SQL can say so or avoid it.
#include "database/guards/tenant_filter.h"

#include "database/guards/policy_guards_test.h"

namespace bulwark::database {
namespace {

class TenantFilterTest : public PolicyGuardTest {
 protected:
  TenantFilterTest() {
    guard_ = make_tenant_filter({GuardMode::enforce, {{"orders", "tenant_id"}, {"items", "tenant_id"}}, {"reporting"}});
  }
};

TEST_F(TenantFilterTest, PassesWhatIsFixedEverywhere) {
  for (
      const char* sql : {
          "select * from orders where tenant_id = $1",
          "select * from orders where id = $2 and tenant_id = 'a'",
          "select * from orders o where (o.tenant_id = $1::uuid and total > 5) and o.id in (1, 2)",
          "select * from orders where 'a' = tenant_id",
          "select * from orders where tenant_id in ($1)",
          "select * from orders where tenant_id is not distinct from $1",
          "select * from public.orders where orders.tenant_id = 7",
          "select * from orders o join items i on i.order_id = o.id and i.tenant_id = o.tenant_id where o.tenant_id = $1",
          "select * from orders o join items i using (tenant_id) where o.tenant_id = $1",
          "select * from orders o left join items i on i.tenant_id = $1 and i.order_id = o.id where o.tenant_id = $1",
          "select * from orders o left join items i on i.tenant_id = o.tenant_id where o.tenant_id = $1",
          "select * from orders o, items i where o.tenant_id = $1 and i.tenant_id = o.tenant_id",
          "select * from orders o where o.tenant_id = $1 and exists (select 1 from items i where i.tenant_id = o.tenant_id and i.order_id = o.id)",
          "select * from (select * from orders where tenant_id = $1) x where x.total > 5",
          "with mine as (select * from orders where tenant_id = $1) select * from mine",
          "select 1 from orders where tenant_id = $1 union select 2 from items where tenant_id = $1",
          "insert into orders (tenant_id, total) values ($1, 5), ($2, 6)",
          "insert into orders (tenant_id, total) select $1, 5",
          "insert into orders (tenant_id, total) select i.tenant_id, i.price from items i where i.tenant_id = $1",
          "insert into orders (tenant_id, id) values ($1, 5) on conflict do nothing",
          "insert into orders (tenant_id, id) values ($1, 5) on conflict (tenant_id, id) do update set total = excluded.total, tenant_id = excluded.tenant_id",
          "update orders set total = total + 1 where tenant_id = $1 and id = $2",
          "update orders o set total = i.price from items i where o.tenant_id = $1 and i.tenant_id = o.tenant_id",
          "delete from orders where tenant_id = $1",
          "delete from orders using items where orders.tenant_id = $1 and items.tenant_id = $1",
          "explain analyze select * from orders where tenant_id = $1",
          "prepare p as select * from orders where tenant_id = $1",
          "select * from products",
          "with orders as (select 1 as total) select * from orders",
      })
    EXPECT_EQ(denied(sql), "") << sql;
}

TEST_F(TenantFilterTest, DeniesEveryWayAround) {
  for (const char* sql : {
           "select * from orders",
           "table orders",
           "select * from orders where id = 5",
           "select * from orders where tenant_id = tenant_id",
           "select * from orders where tenant_id = $1 or true",
           "select * from orders where not (tenant_id = $1)",
           "select * from orders where tenant_id <> $1",
           "select * from orders where tenant_id in ($1, $2)",
           "select * from orders where tenant_id = any($1)",
           "select * from orders where tenant_id operator(evil.=) $1",
           "select * from orders where tenant_id = (select tenant_id from users limit 1)",
           "select * from orders where case when tenant_id = $1 then true else true end",
           "select * from orders o join items i on i.order_id = o.id where o.tenant_id = $1",
           "select * from orders o left join items i on o.tenant_id = $1 where i.tenant_id = $1",
           "select * from orders o left join items i on i.tenant_id = o.tenant_id and i.tenant_id = $1",
           "select * from orders o full join items i on o.tenant_id = $1 and i.tenant_id = $1",
           "select * from orders o natural join items i where o.tenant_id = $1",
           "select * from orders where tenant_id = $1 union select * from orders",
           "select * from orders where tenant_id = $1 and id in (select order_id from items)",
           "select (select count(*) from orders) from products where tenant_id = $1",
           "select * from products order by (select max(total) from orders)",
           "select * from products limit (select count(*) from orders)",
           "with x as (select * from orders) select * from x where tenant_id = $1",
           "with orders as (select * from orders) select * from orders where tenant_id = $1",
           "select * from (with orders as (select 1) select 1) x, orders",
           "with x as (delete from orders returning *) select * from x",
           "select * from orders o where not exists (select 1 from items i where i.tenant_id = $1 and i.tenant_id = o.tenant_id)",
           "select * from products p where p.tenant_id = $1 and exists (select 1 from orders o where p.tenant_id = $1)",
           "insert into orders values ($1, 5)",
           "insert into orders (total) values (5)",
           "insert into orders (tenant_id, total) values ($1, 5), (lower('x'), 6)",
           "insert into orders (tenant_id, total) select tenant_id, 5 from users",
           "insert into orders (tenant_id, id) values ($1, 5) on conflict (id) do update set total = 9",
           "insert into products (n) select count(*) from orders",
           "update orders set total = 1",
           "update orders set tenant_id = other where tenant_id = $1",
           "update orders set total = 1 where id = $1",
           "update products set n = (select count(*) from orders)",
           "delete from orders where id = 1",
           "delete from products using orders where products.tenant_id = $1",
           "merge into orders using products on orders.tenant_id = $1 when matched then delete",
           "copy orders to stdout",
           "copy orders from stdin",
           "copy (select * from orders) to stdout",
           "truncate orders",
           "drop table products, orders",
           "lock table orders",
           "alter table orders add column x int",
           "create table mine as select * from orders",
           "create view mine as select * from orders",
           "declare c cursor for select * from orders",
           "select * from orders tablesample system (10)",
           "select * from orders for update",
           "select * from products, lateral (select * from orders) x",
           "select * from public.orders",
       })
    EXPECT_NE(denied(sql), "") << sql;
}

TEST_F(TenantFilterTest, LiteralsMustBeTheRequestsOwnTenant) {
  auto context = std::make_shared<trace::Context>();
  context->principal.tenant = "blue";
  const std::vector<std::shared_ptr<const trace::Context>> requests = {context};
  statement_.requests = requests;
  EXPECT_TRUE(passes("select * from orders where tenant_id = 'blue'"));
  EXPECT_TRUE(passes("select * from orders where tenant_id = $1"));
  EXPECT_FALSE(passes("select * from orders where tenant_id = 'red'"));
  EXPECT_FALSE(passes("select * from orders o where 'red' = o.tenant_id"));
  EXPECT_FALSE(passes("select * from orders where \"tenant_id\" = 'red'"));
  EXPECT_FALSE(passes("insert into orders (tenant_id, total) values ('blue', 5), ('red', 6)"));
  EXPECT_TRUE(passes("insert into orders (tenant_id, total) values ('blue', 5), ('blue', 6)"));
  EXPECT_TRUE(passes("select * from products where tenant_id = 'red'"));
}

TEST_F(TenantFilterTest, ParametersAreWatchedWhereverTheyNameTheTenant) {
  const auto watched = [&](std::string_view sql) {
    std::vector<std::uint32_t> numbers;
    statement_.watched = &numbers;
    EXPECT_EQ(denied(sql), "") << sql;
    statement_.watched = nullptr;
    std::string out;
    for (const auto each : numbers) out += std::to_string(each) + " ";
    return out;
  };
  EXPECT_EQ(watched("select * from orders where id = $1 and tenant_id = $2"), "2 ");
  EXPECT_EQ(watched("select * from orders o where $3::uuid = o.tenant_id and id = $1"), "3 ");
  EXPECT_EQ(watched("select * from orders where tenant_id in ($4)"), "4 ");
  EXPECT_EQ(watched("select * from orders where tenant_id is not distinct from $5"), "5 ");
  EXPECT_EQ(watched("insert into orders (total, tenant_id) values ($1, $2), ($3, $4), (f($5, 1), ($6)::uuid)"), "2 4 6 ");
  EXPECT_EQ(watched("insert into public.orders as o (tenant_id) overriding system value values ($7)"), "7 ");
  EXPECT_EQ(watched("update orders set total = $1, tenant_id = $2 where tenant_id = $3"), "2 3 ");
  EXPECT_EQ(watched("select * from products where id = $1"), "");
}

TEST_F(TenantFilterTest, BoundValuesMustBeTheRequestsOwnTenant) {
  const auto context = [](const char* tenant) {
    auto made = std::make_shared<trace::Context>();
    made->principal.tenant = tenant;
    return made;
  };
  const auto verdict = [&](const std::vector<std::shared_ptr<const trace::Context>>& requests, std::string_view bytes, bool binary) {
    findings_.clear();
    return *guard_->bound({&session_, {{bytes, binary}}, requests, false}, findings_);
  };
  using namespace std::string_view_literals;
  EXPECT_EQ(verdict({context("blue")}, "blue", false), Verdict::pass);
  EXPECT_EQ(verdict({context("blue")}, "red", false), Verdict::deny);
  EXPECT_EQ(verdict({context("blue"), context("red")}, "red", false), Verdict::pass);
  EXPECT_EQ(verdict({context("blue"), context("red")}, "green", false), Verdict::deny);
  EXPECT_EQ(verdict({context("blue"), context("")}, "green", false), Verdict::pass) << "whose it is cannot be told";
  EXPECT_EQ(verdict({}, "green", false), Verdict::pass);
  EXPECT_EQ(verdict({context("17")}, "\0\0\0\x11"sv, true), Verdict::pass);
  EXPECT_EQ(verdict({context("17")}, "\0\0\0\0\0\0\0\x12"sv, true), Verdict::deny);
  EXPECT_EQ(verdict({context("-2")}, "\xff\xfe"sv, true), Verdict::pass);
  EXPECT_EQ(verdict({context("0b5f1c9e-2d34-4c11-9d5a-6a1f0e7c2b88")}, "\x0b\x5f\x1c\x9e\x2d\x34\x4c\x11\x9d\x5a\x6a\x1f\x0e\x7c\x2b\x88"sv,
                    true),
            Verdict::pass);
}

TEST_F(TenantFilterTest, ExemptRolesAndMonitoring) {
  EXPECT_TRUE(passes("select * from orders", "reporting"));
  guard_ = make_tenant_filter({GuardMode::monitor, {{"orders", "tenant_id"}}, {}});
  monitoring_ = true;
  EXPECT_NE(denied("select * from orders"), "");
  EXPECT_EQ(verdict_, Verdict::pass);
  EXPECT_EQ(findings_.front().rule, "database.tenant_filter");
}

/// Deep and wide statements are bounded: they are understood or refused.
TEST_F(TenantFilterTest, HostileStatementsAreBounded) {
  std::string unions = "select 1 from orders where tenant_id = $1";
  std::string nested = "select 1 from orders where tenant_id = $1";
  for (int i = 0; i < 1'000; ++i) unions += " union select 1 from items where tenant_id = $1";
  for (int i = 0; i < 500; ++i) nested = "select 1 from (" + nested + ") x";
  EXPECT_TRUE(passes(unions));
  EXPECT_TRUE(passes(nested));
  const auto chain = [](int length) {
    std::string sql = "select 1 from orders o0";
    for (int i = 1; i < length; ++i) {
      const std::string here = " o" + std::to_string(i);
      sql += " join orders" + here + " on" + here + ".tenant_id = o" + std::to_string(i - 1) + ".tenant_id";
    }
    return sql;
  };
  EXPECT_FALSE(passes(chain(100)));
  EXPECT_TRUE(passes(chain(100) + " where o0.tenant_id = $1"));
  EXPECT_TRUE(passes(chain(100) + " where o99.tenant_id = $1"));
  EXPECT_EQ(parser_.parse(chain(1'000), {}).error().code, Code::too_large);
}

}  // namespace
}  // namespace bulwark::database
