// Statements and bound values with what belongs to encrypted columns exchanged, and what is refused.
#include "database/protection/sealing.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <regex>

#include "database/guards/policy_guards_test.h"
#include "database/protection/encrypted_columns.h"
#include "database/protection/fixed_catalogue.h"

namespace bulwark::database {
namespace {

class SealingTest : public PolicyGuardTest {
 protected:
  static void SetUpTestSuite() {
    const auto file = std::filesystem::temp_directory_path() / ("bulwark-sealing-" + std::to_string(getpid()));
    keys() = ColumnKeys::open(file, crypto::Key(), {"users.email", "users.age"}).value();
    std::filesystem::remove(file);
  }
  static void TearDownTestSuite() { keys().reset(); }
  void SetUp() override {
    ProtectionSettings settings;
    settings.encrypt = {{"users.email"}, {"users.age", SealedType::integer}};
    protection_ = FixedCatalogue::protect(settings, keys());
    guard_ = make_encrypted_columns(protection_);
    session_.database = "app";
  }
  static std::shared_ptr<const ColumnKeys>& keys() {
    static std::shared_ptr<const ColumnKeys> made;
    return made;
  }

  Result<std::shared_ptr<SealedStatement>> sealed(std::string_view sql) {
    const auto parsed = parser_.parse(sql, {});
    EXPECT_TRUE(parsed.ok()) << sql;
    return seal_statement(sql, {}, (*parsed)->facts(), *protection_->catalogue("app"), protection_);
  }
  /// The statement with each sealed value as <column: plain>, each index as [column: plain].
  std::string readable(std::string_view sql) {
    const auto made = sealed(sql);
    if (!made.ok()) return "error: " + made.error().message;
    if (*made == nullptr) return "as it is";
    EXPECT_TRUE(parser_.parse((*made)->sql, {}).ok()) << (*made)->sql;
    static const std::regex literal(R"(\(E'\\\\x([0-9a-f]+)'::pg_catalog\.bytea\))");
    std::string out;
    auto rest = (*made)->sql;
    for (std::smatch found; std::regex_search(rest, found, literal); rest = found.suffix()) out += found.prefix().str() + value(found[1]);
    return out + rest;
  }
  std::string value(const std::string& hex) {
    const std::string raw = *bytea_bytes(Format::text, "\\x" + hex);
    for (const char* name : {"email", "age"}) {
      const auto* column = protection_->catalogue("app")->find(FixedCatalogue::kUsers)->column(std::string_view(name));
      const auto* cipher = protection_->cipher(*column);
      if (const auto opened = cipher->open(raw); opened.ok()) return "<" + std::string(name) + ": " + *opened + ">";
      for (const char* plain : {"anna", "o'brien", "42", "-7"})
        if (cipher->index(plain) == raw) return "[" + std::string(name) + ": " + plain + "]";
    }
    return "?";
  }

  std::shared_ptr<const Protection> protection_;
};

TEST_F(SealingTest, LiteralsAreSealedWhereTheyStand) {
  EXPECT_EQ(readable("insert into users (id, email, age) values (1, 'anna', 42)"),
            "insert into users (id, email, age) values (1, <email: anna>, <age: 42>)");
  EXPECT_EQ(readable("INSERT INTO users VALUES (1, E'o\\'brien', -7, null), (2, $$anna$$, default, null)"),
            "INSERT INTO users VALUES (1, <email: o'brien>, <age: -7>, null), (2, <email: anna>, default, null)");
  EXPECT_EQ(readable("update users set email = 'anna' /* 'x' */, id = 3 where id = 4 returning *"),
            "update users set email = <email: anna> /* 'x' */, id = 3 where id = 4 returning *");
  EXPECT_EQ(
      readable("select id, email from users u where u.email = 'o''brien' and \"age\" <> 42"),
      "select id, email from users u where (pg_catalog.substr(u.email, 1, 17)) = [email: o'brien] and (pg_catalog.substr(\"age\", 1, 17)) <> [age: 42]");
  EXPECT_EQ(
      readable("select id from public.users where public . users /**/ . email in ('anna', 'o''brien')"),
      "select id from public.users where (pg_catalog.substr(public . users /**/ . email, 1, 17)) in ([email: anna], [email: o'brien])");
  EXPECT_EQ(
      readable("insert into users (id, email) values (1, 'anna') on conflict (id) do update set email = excluded.email, age = 42"),
      "insert into users (id, email) values (1, <email: anna>) on conflict (id) do update set email = excluded.email, age = <age: 42>");
  EXPECT_EQ(readable("delete from users where 'anna' = email"),
            "delete from users where [email: anna] = (pg_catalog.substr(email, 1, 17))");
  EXPECT_EQ(readable("with w as (update users set age = 42 where id = 1 returning id) select * from orders where note = 'anna'"),
            "with w as (update users set age = <age: 42> where id = 1 returning id) select * from orders where note = 'anna'");
}

TEST_F(SealingTest, WordsMayAdjoin) {
  EXPECT_EQ(
      readable("select id from users where'anna'=email and\"age\"<>42 and id=1"),
      "select id from users where[email: anna]=(pg_catalog.substr(email, 1, 17)) and(pg_catalog.substr(\"age\", 1, 17))<>[age: 42] and id=1");
}

TEST_F(SealingTest, OtherStatementsStayAsTheyAre) {
  for (const char* sql : {"select email from users", "select id from users where email is null", "insert into orders values (1, 2, 'x')",
                          "update users set id = 2 where id = 1", "insert into users (id) select id from orders",
                          "copy users (id) from stdin", "insert into users default values"})
    EXPECT_EQ(readable(sql), "as it is") << sql;
}

TEST_F(SealingTest, WhatCannotBeDoneIsSaid) {
  for (const char* sql :
       {"insert into users (email) select note from orders", "insert into users select 1", "update users set email = lower('x')",
        "update users set email = 'x'::text", "update users set (email, id) = ('x', 1)", "update users set email = id",
        "copy users from stdin", "copy users (id, email) from stdin", "insert into users (age) values ('many')",
        "update users set age = 99999999999", "select 1 from users where email = $1 and id = length($1)",
        "update users set email = $1 where age = $1", "prepare p as select id from users where email = $1",
        "merge into users u using orders o on u.id = o.user_id when matched then update set email = 'x'",
        "insert into users (id, email) values (1, 'x') on conflict (id) do update set email = excluded.id"})
    EXPECT_TRUE(readable(sql).starts_with("error: ")) << sql << "\n" << readable(sql);
}

TEST_F(SealingTest, PlacesThatMakeNoSenseAreRefusedByTheGuard) {
  for (const char* sql :
       {"select lower(email) from users", "select id from users order by email", "select id from users where email like 'a%'",
        "select id from users where age > 3", "select id from users where age between 1 and 2", "select distinct email from users",
        "select count(*) from users group by email", "select id from users u join orders o on o.note = u.email",
        "select max(age) from users", "select email from users union select note from orders", "select id from users where email = any($1)",
        "select id from users where email = lower('x')", "select id from users where email = 'x'::text",
        "select row_to_json(users) from users"}) {
    EXPECT_NE(denied(sql).find(" is encrypted: "), std::string::npos) << sql;
  }
  for (const char* sql : {"select email from users where email = 'x' or age in (1, $2)", "select * from users where email is not null",
                          "copy users to stdout", "select lower(note) from orders", "update users set email = 'x' returning *"})
    EXPECT_TRUE(passes(sql)) << sql;
}

TEST_F(SealingTest, WhatIsNotEncryptedYetIsFoundToo) {
  ProtectionSettings settings;
  settings.encrypt = {{"users.email", SealedType::text, true, true}, {"orders.card", SealedType::text, true, true}};
  const auto file = std::filesystem::temp_directory_path() / ("bulwark-plaintext-" + std::to_string(getpid()));
  protection_ = FixedCatalogue::protect(settings, ColumnKeys::open(file, crypto::Key(), {"users.email", "orders.card"}).value());
  std::filesystem::remove(file);
  const auto* card = protection_->catalogue("app")->find(FixedCatalogue::kOrders)->column("card");
  const ColumnCipher& cipher = *protection_->cipher(*card);
  EXPECT_EQ(cipher.open("in clear").value(), "in clear");
  EXPECT_EQ(cipher.open(cipher.seal("sealed")).value(), "sealed");
  std::string changed = cipher.seal("sealed");
  changed.back() ^= 1;
  EXPECT_FALSE(cipher.open(changed).ok());
  EXPECT_EQ(cipher.compared("x"), cipher.index("x") + "x");
  EXPECT_EQ(readable("select id from users where email = 'anna'"), "as it is") << "a column that is not of type bytea yet";
  EXPECT_EQ(sealed("select id from orders where card <> $2").value()->sql,
            "select id from orders where (case when card = pg_catalog.substr($2::pg_catalog.bytea, 18) or pg_catalog.substr(card, 1, 17) = "
            "pg_catalog.substr($2::pg_catalog.bytea, 1, 17) then $2::pg_catalog.bytea else card end) <> $2");
  const auto two = sealed("select id from orders o where o.card in ('x', null, $1)");
  ASSERT_TRUE(two.ok());
  EXPECT_TRUE(parser_.parse((*two)->sql, {}).ok()) << (*two)->sql;
  EXPECT_EQ((*two)->literals.size(), 1U);
}

// As ORMs page through tables with joins.
TEST_F(SealingTest, SubqueriesPassColumnsOn) {
  for (
      const char* sql :
      {"select * from (select email from users) s",
       "select s.e, s.id from (select id, email as e from users order by id limit 10 offset 20) s",
       "select distinct \"d\".\"u_id\" as ids from (select u.id as u_id, u.email as u_email, o.note from users u left join orders o on o.user_id = "
       "u.id) \"d\" order by \"u_id\" asc limit 10",
       "select u.*, o.note from (select id, email, age from users as u where age = $1 order by u.id limit 5) as u left join orders o on o.user_id = u.id",
       "select count(*) from (select * from users where email = 'x') s",
       "with w as (select id, email from users) select * from w order by id",
       "select t.email from (select s.email from (select * from users) s where s.email is not null) t",
       "select email, row_number() over (order by id) from (select * from users) s",
       "select * from (select email from users) s where email = 'anna'"})
    EXPECT_EQ(denied(sql), "") << sql;
  for (const char* sql : {"select e from (select email as e from users) s order by e",
                          "select s.e from (select email as e from users) s where s.e = 'x'",
                          "select s.e from (select email as e from users) s where e = 'x'",
                          "select lower(s.e) from (select email as e from users) s",
                          "select * from (select email as e from users) s order by 1",
                          "select s from (select email from users) s",
                          "select row_to_json(s) from (select email as e from users) s",
                          "select max(s.e) from (select email as e from users) s",
                          "select * from (select * from users) s order by email",
                          "select distinct e from (select email as e from users) s",
                          "with w as (select email from users) select * from w where w.email = 'x'",
                          "with w(e) as (select email from users) select e from w",
                          "select * from (select email from users) s(e)",
                          "with recursive w as (select email from users) select * from w",
                          "select t.f from (select s.e as f from (select email as e from users) s) t order by t.f",
                          "select (select email from users)",
                          "select * from (select email from users union select note from orders) s",
                          "select id from users where email in (select email from users)",
                          "select * from orders o join (select email as note from users) s using (note)",
                          "select exists (select email from users)",
                          "insert into orders (note) select e from (select email as e from users) s",
                          "copy (select * from (select email from users) s) to stdout"})
    EXPECT_NE(denied(sql).find(" is encrypted: "), std::string::npos) << sql;
  EXPECT_EQ(readable("select * from (select email from users) s where s.email = 'anna'"),
            "select * from (select email from users) s where (pg_catalog.substr(s.email, 1, 17)) = [email: anna]");
}

TEST_F(SealingTest, BoundValuesAreSealedByTheirNumber) {
  auto made = sealed("update users set email = $2, age = $3 where id = $1 and email = $4");
  ASSERT_TRUE(made.ok());
  SealedStatement& statement = **made;
  ASSERT_EQ(statement.parameters.size(), 3U);
  const auto types = seal_parameter_types(std::string("\0\2\0\0\0\x17\0\0\0\x19", 10), statement);
  ASSERT_TRUE(types.ok());
  EXPECT_EQ(*types, std::string("\0\2\0\0\0\x17\0\0\0\x11", 10));
  EXPECT_EQ(describe_parameters(std::string("\0\3\0\0\0\x17\0\0\0\x11\0\0\0\x11", 14), statement).value(),
            std::string("\0\3\0\0\0\x17\0\0\0\x19\0\0\0\x17", 14));
  // Formats text, text, binary, text; then 7, anna, 42, NULL; no formats of results.
  const std::string body(
      "\0\4\0\0\0\0\0\1\0\0\0\4\0\0\0\1"
      "7\0\0\0\4anna\0\0\0\4\0\0\0\x2a\xff\xff\xff\xff\0\0",
      39);
  const auto sealed = seal_bound_values(body, statement);
  ASSERT_TRUE(sealed.ok()) << sealed.error().message;
  EXPECT_EQ(sealed->find("anna"), std::string::npos);
  EXPECT_TRUE(sealed->ends_with(std::string("\xff\xff\xff\xff\0\0", 6)));
  for (std::size_t size = 0; size + 2 < body.size(); ++size) (void)seal_bound_values(std::string_view(body).substr(0, size), statement);
  std::string wrong = body;
  wrong[28] = '\3';
  EXPECT_FALSE(seal_bound_values(wrong, statement).ok());
}

}  // namespace
}  // namespace bulwark::database
