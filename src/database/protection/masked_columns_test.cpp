// What a role may do with a table of which it sees a column only covered.
#include "database/protection/masked_columns.h"

#include "database/guards/policy_guards_test.h"
#include "database/protection/fixed_catalogue.h"

namespace bulwark::database {
namespace {

class MaskedColumnsTest : public PolicyGuardTest {
 protected:
  void SetUp() override { protect(FilterUse::refuse); }
  void protect(FilterUse filter) {
    ProtectionSettings settings;
    settings.masks = {{.column = "users.email", .roles = {"support"}, .filter = filter}};
    settings.allow_functions = {"harmless"};
    guard_ = make_masked_columns(FixedCatalogue::protect(settings));
    session_.database = "app";
  }
  std::string refused(std::string_view sql) { return denied(sql, "support"); }
};

TEST_F(MaskedColumnsTest, ThePlainColumnIsShown) {
  for (const char* sql : {"select email from users",
                          "select * from users",
                          "select u.* from users u",
                          "select id, u.email as mail from public.users u where id = 1 order by id",
                          "select id, upper('x'), email from users where age > 3",
                          "insert into users (id, email) values (1, 'a') returning *",
                          "update users set email = 'x' where id = 1 returning email",
                          "delete from users where id = 1 returning id, email",
                          "insert into users (id, email) values (1, 'a') on conflict (id) do update set email = excluded.email",
                          "prepare p as select email from users",
                          "execute p(1)",
                          "declare c cursor for select email from users",
                          "fetch c",
                          "explain select email from users",
                          "copy users to stdout",
                          "copy users (id, email) to stdout",
                          "copy users from stdin",
                          "select count(*) from users",
                          "select o.id, u.email from users u join orders o on o.user_id = u.id",
                          "begin",
                          "set timezone = 'UTC'",
                          "with o as (select user_id from orders) select u.email from users u join o on o.user_id = u.id",
                          "select id from orders where user_id in (select id from users)",
                          "select xmin, email from users",
                          "select note from orders order by 1"})
    EXPECT_EQ(refused(sql), "") << sql;
}

TEST_F(MaskedColumnsTest, AnythingElseIsRefused) {
  for (const char* sql : {"select lower(email) from users",
                          "select email || '' from users",
                          "select email::text from users",
                          "select email collate \"C\" from users",
                          "select id from users where email = 'a'",
                          "select id from users where email like 'a%'",
                          "select id from users order by email",
                          "select id, email from users order by 2",
                          "select id, email as e from users order by e",
                          "select * from users order by 2",
                          "select email from users group by email",
                          "select count(*) from users group by rollup (email)",
                          "select distinct email from users",
                          "select distinct * from users",
                          "select distinct on (email) id from users",
                          "select max(email) from users",
                          "select case when email = 'a' then 1 end from users",
                          "select email from users union all select 'x'",
                          "select * from (select email from users) s",
                          "select * from (select * from users) s",
                          "with w as (select * from users) select * from w",
                          "select u from users u",
                          "select users from users",
                          "select row_to_json(u) from users u",
                          "select (u).email from users u",
                          "select (select email from users limit 1)",
                          "select array(select email from users)",
                          "select exists (select 1 from users where email = 'x')",
                          "select u.lower from users u",
                          "select j.email || '' from (users u join orders o on true) as j",
                          "select j from (users u join orders o on true) as j",
                          "select lower(excluded.email) from (users u join orders o on true) as excluded",
                          "select c from users as u(a, c, b, d)",
                          "select o.id from users u join orders o on u.email = o.note",
                          "select id from users join (select 'a' as email) s using (email)",
                          "select id from users natural join orders",
                          "insert into orders (note) select email from users",
                          "update orders set note = email from users",
                          "update users set email = lower(email)",
                          "update users set age = 1 where email = 'a'",
                          "delete from users where email = 'a'",
                          "delete from orders using users where note = email",
                          "insert into users (id) values (1) returning lower(email)",
                          "insert into users (email) values ('a') on conflict (email) do nothing",
                          "select email into x from users",
                          "copy (select email from users) to stdout",
                          "select sum(1) over (order by email) from users",
                          "select id from users limit (select length(email) from users limit 1)",
                          "merge into orders o using users u on o.user_id = u.id when matched then update set note = u.email",
                          "explain analyze create table x as select email from users",
                          "prepare p as select lower(email) from users",
                          "declare c cursor for select lower(email) from users",
                          "with w as (delete from users returning email) select * from w",
                          "values ((select email from users limit 1))",
                          "select * from orders o, lateral (select email from users where id = o.user_id) s"})
    EXPECT_NE(refused(sql), "") << sql;
}

TEST_F(MaskedColumnsTest, WhatCannotBeSeenThroughIsRefused) {
  for (const char* sql :
       {"select email from user_mails", "select mails()", "select other.f()",
        "select query_to_xml('select email from users', true, false, '')", "select * from mails()", "select most_common_vals from pg_stats",
        "select * from pg_catalog.pg_stats", "select * from nowhere", "create view v as select email from users", "do $$ begin end $$",
        "create table x (id int)", "copy users to stdout; select 1", "call mails()"})
    EXPECT_NE(refused(sql), "") << sql;
  for (const char* sql : {"select harmless(1)", "select relname from pg_class", "select now()", "select pg_catalog.now()"})
    EXPECT_EQ(refused(sql), "") << sql;
}

TEST_F(MaskedColumnsTest, OtherRolesAndDatabasesAreToldApart) {
  EXPECT_TRUE(passes("select lower(email) from users", "app"));
  session_.database = "other";
  EXPECT_NE(refused("select 1"), "");
}

TEST_F(MaskedColumnsTest, ComparingCanBeAllowed) {
  protect(FilterUse::allow);
  for (const char* sql : {"select email from users where email = 'a'", "select id from users where email in ('a', 'b') order by email",
                          "select id from users where not (email like 'a%' or email is null)",
                          "select id from users join (select 'a' as email) s using (email)", "select distinct email from users",
                          "select email, count(*) from users group by email", "select * from users order by 2"})
    EXPECT_EQ(refused(sql), "") << sql;
  for (const char* sql :
       {"select id from users where lower(email) = 'a'", "select id from users where email::int = 1", "select email = 'a' from users",
        "select id from users where email ~ 'a'", "select * from (select email from users) s", "select max(email) from users"})
    EXPECT_NE(refused(sql), "") << sql;
}

}  // namespace
}  // namespace bulwark::database
