// The facts of statements, their shapes, and what hostile ones cost.
#include "database/parsed_statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <chrono>

namespace bulwark::database {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::chrono::nanoseconds cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

class Parsed : public testing::Test {
 protected:
  const ParsedStatement& parse(std::string_view text) {
    const auto parsed = parser_.parse(text, options_);
    EXPECT_TRUE(parsed.ok()) << text << ": " << (parsed.ok() ? "" : to_string(parsed.error()));
    return **parsed;
  }
  std::string relations(std::string_view text) {
    std::string out;
    for (const auto& each : parse(text).facts().relations)
      out += (each.schema.empty() ? "" : each.schema + ".") + each.name + ":" + std::to_string(each.access) + (each.maybe_cte ? "? " : " ");
    return out;
  }
  std::vector<std::string> functions(std::string_view text) {
    std::vector<std::string> names;
    for (const auto& each : parse(text).facts().functions) names.push_back(each.name);
    return names;
  }
  StatementParser parser_;
  sql::LexerOptions options_;
};

TEST_F(Parsed, Commands) {
  EXPECT_THAT(parse("select 1; delete from t where a = 1; begin").facts().commands,
              ElementsAre(Command::select, Command::delete_rows, Command::transaction));
  EXPECT_THAT(parse("create table t (a int)").facts().commands, ElementsAre(Command::define));
  EXPECT_THAT(parse("alter role x superuser").facts().commands, ElementsAre(Command::role));
  EXPECT_TRUE(parse("alter role x superuser").facts().changes_roles);
  EXPECT_TRUE(parse("").facts().commands.empty());
}

TEST_F(Parsed, RelationsWithTheirUse) {
  EXPECT_EQ(relations("select * from a join s.b on a.x = b.x where exists (select 1 from c)"), "c:1 s.b:1 a:1 ");
  EXPECT_EQ(relations("insert into t (a) select x from u on conflict (a) do update set a = 1"), "t:6 u:1 ");
  EXPECT_EQ(relations("update t set a = (select max(b) from u)"), "u:1 t:4 ");
  EXPECT_EQ(relations("truncate a, b"), "b:16 a:16 ");
  EXPECT_EQ(relations("copy t from stdin"), "t:2 ");
  EXPECT_EQ(relations("copy (select * from secrets) to stdout"), "secrets:1 ");
  EXPECT_EQ(relations("explain analyze delete from t where a = 1"), "t:8 ");
  EXPECT_EQ(relations("prepare p as select * from hidden"), "hidden:1 ");
  EXPECT_EQ(relations("declare c cursor for select * from hidden"), "hidden:1 ");
  EXPECT_EQ(relations("create table copy_of as select * from hidden"), "copy_of:32 hidden:1 ");
  EXPECT_EQ(relations("merge into t using s on t.a = s.a when matched then delete"), "s:1 t:14 ");
}

TEST_F(Parsed, NamesOfWithQueriesAreMarked) {
  EXPECT_EQ(relations("with u as (select * from t) select * from u"), "t:1 u:1? ");
  EXPECT_EQ(relations("with u as (delete from t where a = 1 returning *) select * from public.u"), "t:8 public.u:1 ");
}

TEST_F(Parsed, FunctionsEverywhere) {
  EXPECT_THAT(functions("select pg_sleep(1), count(*) from f(2) where a in (select g(x) over (order by h(y)) from t)"),
              UnorderedElementsAre("pg_sleep", "count", "f", "g", "h"));
  EXPECT_THAT(functions("call p(q(1))"), UnorderedElementsAre("p", "q"));
  EXPECT_THAT(functions("create table t (a int default evil())"), UnorderedElementsAre());
  EXPECT_THAT(functions("insert into t values (f(1)) returning g(a)"), UnorderedElementsAre("f", "g"));
  EXPECT_THAT(functions("select 1 order by case when h(1) then 1 end limit k(2)"), UnorderedElementsAre("h", "k"));
}

TEST_F(Parsed, Settings) {
  const auto& set = parse("set standard_conforming_strings = off").facts().settings;
  ASSERT_EQ(set.size(), 1U);
  EXPECT_EQ(set[0].name, "standard_conforming_strings");
  EXPECT_EQ(set[0].value, "off");
  EXPECT_EQ(parse("set role admin").facts().settings[0].name, "role");
  EXPECT_EQ(parse("set names 'latin1'").facts().settings[0].value, "latin1");
  EXPECT_EQ(parse("select set_config('Role', 'admin', false)").facts().settings[0].name, "role");
  EXPECT_EQ(parse("select set_config('timezone', 'UTC', false)").facts().settings[0].name, "timezone");
  EXPECT_EQ(parse("select set_config($1, $2, false)").facts().settings[0].name, "?");
}

TEST_F(Parsed, ServerCode) {
  EXPECT_TRUE(parse("do $$ begin perform 1; end $$").facts().runs_server_code);
  EXPECT_TRUE(parse("create function f() returns int language sql as 'select 1'").facts().runs_server_code);
  EXPECT_TRUE(parse("copy t to program 'sh'").facts().copies_program);
  EXPECT_TRUE(parse("copy t from '/etc/passwd'").facts().copies_server_file);
  EXPECT_TRUE(parse("delete from t").facts().writes_without_where);
  EXPECT_FALSE(parse("delete from t where a = 1").facts().writes_without_where);
}

TEST_F(Parsed, ShapesHideLiteralsAndNothingElse) {
  EXPECT_EQ(parse("SELECT  *\nFROM \"T\" WHERE a='x''y' /* c */ AND b = 5 -- end").shape(), "select * from \"T\" where a = '?' and b = ?");
  EXPECT_EQ(parse("select a from t where a in (1,2,3)").shape(), "select a from t where a in (?, ...)");
  const std::string two_listed(parse("select a from t where a in ($1,$2)").shape());
  EXPECT_EQ(two_listed, parse("select a from t where a in ($1,$2,$3)").shape());
  EXPECT_EQ(parse("insert into t values (1,'a'),(2,'b'),(3,'c')").shape(), "insert into t values (?, '?'), ...");
  EXPECT_EQ(std::string(parse("insert into t values (1,'a')").shape()), "insert into t values (?, '?')");
  const std::string limited(parse("select 1 limit 1").shape());
  EXPECT_NE(limited, parse("select 1 limit all").shape());
  const std::string two_arguments(parse("select f(1, 2)").shape());
  EXPECT_NE(two_arguments, parse("select f(1, 2, 3)").shape());
  const std::string role_a(parse("set role a").shape());
  EXPECT_NE(role_a, parse("set role b").shape());
}

TEST_F(Parsed, SharedFactsOfOneShape) {
  const auto before = parser_.hits();
  parse("select * from t where a = 1");
  parse("select * from t where a = 2");
  EXPECT_EQ(parser_.hits(), before + 1);
  parse("set search_path = 'a'");
  EXPECT_EQ(parse("set search_path = 'b'").facts().settings[0].value, "b");
}

TEST_F(Parsed, WhatStaysInTheSession) {
  for (const char* text : {"listen news", "prepare p as select 1", "create temp table t (a int)", "create temp view v as select 1",
                           "create temp sequence s", "select 1 into temp t", "create temp table t as select 1",
                           "create table pg_temp.t (a int)", "declare c cursor with hold for select 1", "select pg_advisory_lock(1)",
                           "select pg_try_advisory_lock_shared(1, 2)", "select setseed(0.5)"})
    EXPECT_TRUE(parse(text).facts().session.stays) << text;
  for (const char* text : {"select 1", "notify news", "unlisten *", "declare c cursor for select 1", "select pg_advisory_xact_lock(1)",
                           "create table t (a int)", "execute p(1)", "begin", "deallocate p", "discard all"})
    EXPECT_FALSE(parse(text).facts().session.stays) << text;
  EXPECT_TRUE(parse("discard all").facts().session.discards_all);
  EXPECT_FALSE(parse("discard temp").facts().session.discards_all);
  EXPECT_TRUE(parse("deallocate all").facts().session.deallocates_all);
  EXPECT_EQ(parse("deallocate \"A b\"").facts().session.deallocates, "A b");
  EXPECT_TRUE(parse("select lastval()").facts().session.reads);
  EXPECT_FALSE(parse("select nextval('s'), currval('s')").facts().session.reads);
}

TEST_F(Parsed, SettingsOfTheTransactionAreLocal) {
  const auto local = [&](const char* text) { return parse(text).facts().settings.at(0).local; };
  EXPECT_TRUE(local("set local search_path = a"));
  EXPECT_TRUE(local("select set_config('a.b', 'c', true)"));
  EXPECT_TRUE(local("set transaction isolation level serializable"));
  EXPECT_FALSE(local("set search_path = a"));
  EXPECT_FALSE(local("set session search_path = a"));
  EXPECT_FALSE(local("select set_config('a.b', 'c', false)"));
  EXPECT_FALSE(local("select set_config('a.b', 'c', $1)"));
  EXPECT_FALSE(local("set session characteristics as transaction read only"));
}

TEST_F(Parsed, RefusesWhatTheGrammarDoesNotKnow) {
  for (const char* bad : {"selec 1", "select 'a", "select 1 /* x", "select \"", "select $x$ y", "select 1a", "select (1"})
    EXPECT_FALSE(parser_.parse(bad, options_).ok()) << bad;
}

TEST_F(Parsed, BackslashesFollowTheSession) {
  const std::string_view text = R"(select '\' or 1=1 -- ')";
  const auto strict = parser_.parse(text, {.standard_conforming_strings = true});
  ASSERT_TRUE(strict.ok());
  EXPECT_EQ((*strict)->shape(), "select '?' or ? = ?");
  const auto lax = parser_.parse(text, {.standard_conforming_strings = false});
  ASSERT_TRUE(lax.ok());
  EXPECT_EQ((*lax)->shape(), "select '?'");
}

/// Statements that kill or hang naive use of the parser: all are answered, within a bound, on a thread's usual stack.
TEST_F(Parsed, HostileStatementsAreBounded) {
  const auto repeat = [](std::string_view part, std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += part;
    return out;
  };
  const std::size_t size = 1'000'000;
  const std::string cases[] = {
      "select 1" + repeat("+1", size),
      "select 1" + repeat("+1", 180'000),
      "select 1" + repeat(" union select 1", size),
      "select 1" + repeat("::int", size),
      "select " + repeat("(", size),
      "select " + repeat("-", size) + "1",
      "select " + repeat("- ", 300'000) + "1",
      repeat("/*", size),
      repeat("/*", size / 2) + repeat("*/", size / 2) + "select 1",
      "select " + repeat("not ", size) + "true",
      "select " + repeat("(select ", size) + "1",
      "select " + repeat("a.", size) + "b",
      "select 1 where " + repeat("a = 1 or ", size) + "true",
      "select " + repeat("case when true then ", size) + "1",
      "select array" + repeat("[", size),
      repeat("select 1;", size),
      "select '" + repeat("''", size) + "'",
      "select $a$" + repeat("$b$", size) + "$a$",
      repeat("$a", size),
      "select 1 from a" + repeat(" join a using (b)", 200'000),
      "select 1 from a" + repeat(" join a on c = d", 200'000),
      "select 1 from a" + repeat(",a", 190'000) + " where b = 1" + repeat(" and b = 1", 50'000),
      "with a as (select 1)" + repeat(", b as (select 1)", 100'000) + " select 1 from c" + repeat(",c", 200'000),
  };
  for (const auto& text : cases) {
    // Of the thread, since the machine may be busy. The figures that count are `make bench-db`'s.
    const auto begin = cpu_time();
    (void)parser_.parse(text, options_);
    EXPECT_LT(cpu_time() - begin, std::chrono::seconds(1)) << text.substr(0, 40);
  }
}

TEST_F(Parsed, WhatIsBeyondALimitIsRefused) {
  const auto numbered = [](const std::string& part, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += part + std::to_string(i);
    return out;
  };
  const auto code = [&](const std::string& text) {
    const auto parsed = parser_.parse(text, options_);
    return parsed.ok() ? std::string("understood") : std::string(to_string(parsed.error().code));
  };
  const std::size_t most = ParsedStatement::kMaxQueries;
  EXPECT_EQ(code("select 0" + numbered(" union select ", most - 1)), "understood");
  EXPECT_EQ(code("select 0" + numbered(" union select ", most)), "too_large");
  EXPECT_EQ(code("values (0)" + numbered(" union table a", most)), "too_large");
  EXPECT_EQ(code(numbered("begin;/**/--", 3) + "\n" + "begin"), "understood");
  EXPECT_EQ(code(numbered(";delete from t", ParsedStatement::kMaxStatements + 1)), "too_large");
  EXPECT_EQ(code("drop table a" + numbered(",b", ParsedStatement::kMaxTables - 1)), "understood");
  EXPECT_EQ(code("drop table a" + numbered(",b", ParsedStatement::kMaxTables)), "too_large");
  EXPECT_EQ(code("select 1 from a" + numbered(",b", ParsedStatement::kMaxTables)), "too_large");
  EXPECT_EQ(code("select a" + numbered(",b", ParsedStatement::kMaxColumns - 1)), "understood");
  EXPECT_EQ(code("select a" + numbered(",b", ParsedStatement::kMaxColumns)), "too_large");
  // An ORM's way to fetch by composite keys: many, but always the same columns.
  EXPECT_EQ(code("select 1 from t where (a = 0 and b = 0)" + numbered(" or (a = $1 and b = 2) or c = ", 4'000)), "understood");
}

}  // namespace
}  // namespace bulwark::database
