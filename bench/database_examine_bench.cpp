// `make bench-db`, its part without a network: what parsing and the guards cost a statement, with requests in flight to compare it
// with, and what the worst statement of a megabyte costs.
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "database/examiner.h"
#include "database/guards/allow_list.h"
#include "database/guards/catalogue.h"
#include "database/guards/dangerous_functions.h"
#include "database/guards/least_privilege.h"
#include "database/guards/multiple_statements.h"
#include "database/guards/session_settings.h"
#include "database/guards/taint.h"
#include "database/guards/tenant_filter.h"

using namespace bulwark;
using namespace bulwark::database;

namespace {

constexpr int kRounds = 200'000;
constexpr int kInFlight = 8;
constexpr double kGuardsGoalUs = 5;
constexpr double kHostileGoalMs = 50;
constexpr std::size_t kHostileBytes = 1'000'000;

void figure(std::string_view name, double value, std::string_view unit, double bar) {
  fmt::print("figure {} {:.2f} {} goal <={} {}\n", name, value, unit, bar, value <= bar ? "met" : "short");
}

double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

std::vector<std::shared_ptr<const Guard>> guards(AllowListMode mode, const std::string& file) {
  auto list = make_allow_list({mode, file});
  if (!list.ok()) std::exit(1);
  return {make_multiple_statements(false), make_session_settings(), make_dangerous_functions({}, {}, false), make_taint(),
          std::move(*list)};
}

/// The same work as pgbench -S, and a statement as an ORM writes it, each time with other literals.
std::string point_select(int i) { return fmt::format("SELECT abalance FROM pgbench_accounts WHERE aid = {};", i); }
std::string orm_select(int i) {
  return fmt::format(
      "SELECT \"Order\".\"id\", \"Order\".\"createdAt\", \"Order\".\"status\", \"Order\".\"total\", \"customer\".\"id\" AS \"customer.id\", "
      "\"customer\".\"email\" AS \"customer.email\" FROM \"Orders\" AS \"Order\" LEFT OUTER JOIN \"Customers\" AS \"customer\" ON "
      "\"Order\".\"customerId\" = \"customer\".\"id\" WHERE \"Order\".\"status\" = 'open-{}' AND \"Order\".\"tenantId\" = {} ORDER BY "
      "\"Order\".\"createdAt\" DESC LIMIT 20;",
      i % 100, i);
}

struct Bench {
  trace::InFlight in_flight{16, std::chrono::milliseconds(0)};
  std::vector<trace::InFlight::Lease> leases;
  SessionInfo session{"app", "app", "bench", {}};

  void enter_requests() {
    for (int i = 0; i < kInFlight; ++i) {
      auto context = std::make_shared<trace::Context>();
      secure_random(&context->trace, sizeof context->trace);
      using Where = trace::Input::Where;
      context->inputs = {{Where::query, "q", "blue suede shoes size 43"},
                         {Where::query, "page", std::to_string(i)},
                         {Where::header, "user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"},
                         {Where::cookie, "session", "b64f0c1d2e3f4a5b6c7d8e9fa0b1c2d3"},
                         {Where::body, "name", "Jane O'Brien"},
                         {Where::body, "email", "jane@acme.example"}};
      leases.push_back(in_flight.enter(std::move(context)));
    }
  }

  template <class Make>
  double us_each(Make make, const std::string& list) {
    Policy learning;
    learning.guards = guards(AllowListMode::learn, list);
    Examiner examiner(&in_flight, nullptr);
    (void)examiner.examine(learning, session, make(1), {}, 0);
    Policy policy;
    policy.guards = guards(AllowListMode::enforce, list);
    std::vector<std::string> statements;
    for (int i = 0; i < 1000; ++i) statements.push_back(make(i));
    double spent = 0;
    for (int measured = 0; measured < 2; ++measured) {  // the first time to warm up
      const double began = cpu_us();
      for (int i = 0; i < kRounds; ++i) {
        const auto record = examiner.examine(policy, session, statements[static_cast<std::size_t>(i) % statements.size()], {}, 0);
        if (record->refusal) {
          fmt::print(stderr, "refused: {}\n", record->refusal->message);
          std::exit(1);
        }
      }
      spent = cpu_us() - began;
    }
    return spent / kRounds;
  }
};

/// One way to make a statement costly: `part` as often as the limits of bytes and tokens let it through. `#` counts the parts, so that
/// all names differ; `end` closes what each part opened.
struct Shape {
  const char* name;
  std::string begin;
  std::string part;
  std::string end;
  std::string last = {};
};

std::string numbered(std::string_view part, std::size_t number) {
  std::string out;
  for (const char c : part)
    if (c == '#')
      out += std::to_string(number);
    else
      out += c;
  return out;
}

std::size_t tokens_of(const std::string& text) {
  std::vector<sql::Token> tokens;
  (void)sql::tokenize(text, {}, tokens);
  return tokens.size();
}

/// As large as a megabyte allows, or as `tokens` allow.
std::string statement_of(const Shape& shape, std::size_t tokens) {
  const std::size_t each = std::max<std::size_t>(1, tokens_of(shape.part) + tokens_of(shape.end));
  const std::size_t most = tokens > 0 ? tokens / each : kHostileBytes;
  std::string out = shape.begin;
  std::size_t count = 0;
  for (; count < most && out.size() + (count + 1) * shape.end.size() < kHostileBytes; ++count) out += numbered(shape.part, count);
  for (std::size_t i = 0; i < count; ++i) out += shape.end;
  return out + shape.last;
}

/// For shapes that grow at two ends: what each part does, it does for all of these.
std::string list_of(std::string_view part, std::size_t count) {
  std::string out = numbered(part, 0);
  for (std::size_t i = 1; i < count; ++i) out += "," + numbered(part, i);
  return out;
}
std::string columns_shown() { return list_of("x.b", 20'000); }

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> all = {
      {"sums", "select 1", "+1", ""},
      {"unions", "select 1", " union select 1", ""},
      {"unions_of_values", "values(1)", " union values(1)", ""},
      {"unions_of_tables", "table a", " union table a#", ""},
      {"excepts", "select 1", " except select 1", ""},
      {"casts", "select 1", "::int", ""},
      {"casts_in_words", "select ", "cast(", " as int)", ""},
      {"open_parentheses", "select ", "(", ""},
      {"parentheses", "select ", "(", ")", ""},
      {"in_list", "select 1 where 1 in (1", ",1", "", ")"},
      {"in_list_of_strings", "select 1 where 'a' in ('a'", ",'a#'", "", ")"},
      {"in_list_of_columns", "select 1 where 1 in (a", ",a#", "", ")"},
      {"in_lists", "select 1 where true", " and a in (#)", ""},
      {"values", "insert into t values (1)", ",(1)", ""},
      {"values_of_any_kind", "insert into t values (1)", ",(a#)", ""},
      {"wide_insert", "insert into t (a", ",a#", "", ") values (1)"},
      {"wide_insert_of_short_rows", "insert into t (" + list_of("a", 40'000) + ") values (1)", ",(1)", ""},
      {"nested_values", "select ", "values(", ")", "1"},
      {"nested_subselects_of_values", "select ", "(values(", "))", "1"},
      {"many_columns_of_one_name", "select " + list_of("x.b#", 600) + " from a x", ",a# x", ""},
      {"values_in_lists", "select 1", ",(values(1))", ""},
      {"columns", "select a", ",abcdefgh", ""},
      {"distinct_columns", "select a", ",t.a#", ""},
      {"tables", "select 1 from a", ",a", ""},
      {"distinct_tables", "select 1 from a", ",a#", ""},
      {"joins_using", "select 1 from a", " join a using (b)", ""},
      {"joins_on", "select 1 from a", " join a# on a#.b=a.b", ""},
      {"joins_on_any_column", "select 1 from a", " join a# on a#.b#=1", ""},
      {"natural_joins", "select 1 from a", " natural join a", ""},
      {"nested_joins", "select 1 from ", "(a cross join ", ")", ""},
      {"subselects", "select ", "(select ", ")", ""},
      {"listed_subselects", "select 1", ",(select 1)", ""},
      {"subselects_in_from", "select 1 from ", "(select 1 from ", ") x", ""},
      {"laterals", "select 1 from a", ",lateral (select 1) x#", ""},
      {"exists", "select 1 where true", " and exists (select 1 from a)", ""},
      {"ands", "select 1 where a", " and a", ""},
      {"ors", "select 1 where a", " or a", ""},
      {"ands_and_ors", "select 1 where ", "(a and (a or ", "))", ""},
      {"equalities", "select 1 from t where a=1", " and a=#", ""},
      {"equal_columns", "select 1 from t,u where a=1", " and t.a#=u.b#", ""},
      {"nots", "select ", "not ", "", "true"},
      {"cases", "select ", "case when a then ", " end", ""},
      {"arms", "select case", " when a then 1", "", " end"},
      {"arrays", "select array", "[", "]", ""},
      {"subscripts", "select a", "[1]", ""},
      {"fields", "select (a)", ".b", ""},
      {"statements", "", "select 1;", ""},
      {"begins", "", "begin;", ""},
      {"many_settings", "", "set a.b# to 1;", ""},
      {"one_string", "select '", "''", "", "'"},
      {"dollar_quotes", "select $a$", "$b$", "", "$a$"},
      {"functions", "select ", "f(", ")", ""},
      {"distinct_functions", "select f()", ",f#()", ""},
      {"arguments", "select f(1", ",1", "", ")"},
      {"configurations", "select 1", ",set_config('a.b#','1',true)", ""},
      {"with_queries", "with a as (select 1)", ",a# as (select 1)", "", " select 1"},
      {"nested_with", "", "with a# as (select 1) select (", ")", ""},
      {"with_uses", "with a as (select 1) select 1 from a", ",a", ""},
      {"identifiers", "select ", "a.", "", "b"},
      {"parameters", "select $1", ",$#", ""},
      {"collations", "select a", " collate \"C\"", ""},
      {"windows", "select 1", ",f() over (order by a)", ""},
      {"grouping_sets", "select 1 from a group by ", "grouping sets (", ")", ""},
      {"orderings", "select 1 from a order by a", ",a desc", ""},
      {"orderings_of_columns", "select " + columns_shown() + " from a order by a", ",a#", ""},
      {"orderings_by_number", "select *," + columns_shown() + " from a group by 1", ",1", ""},
      {"one_name_for_tables", "select " + columns_shown() + " from a x", ",a# x", ""},
      {"assignments", "update t set a=1", ",a#=b", ""},
      {"between", "select 1 where true", " and 1 between 1 and 1", ""},
      {"operators", "select 1", "@-@1", ""},
      {"minuses", "select ", "- ", "", "1"},
      {"operator_of_a_schema", "select 1", " operator(a.+) 1", ""},
      {"is_null", "select a", " is null", ""},
      {"types", "select 1", ",1::numeric(1,2)", ""},
      {"copied_columns", "copy t (a", ",a#", "", ") from stdin"},
      {"dropped_tables", "drop table a", ",a#", ""},
      {"locked_tables", "lock table a", ",a#", ""},
      {"comments", "select 1", "/**/", ""},
      {"nested_comments", "", "/*", "*/", "select 1"},
      {"open_comments", "", "/*", ""},
      {"line_comments", "select 1", "--\n", ""},
      {"continued_strings", "select 'a'", "\n'a'", ""},
      {"long_name", "select ", "a", ""},
      {"spaces", "select", " ", "", "1"},
  };
  return all;
}

/// As many requests as are compared with a statement, each with as many inputs as one may have: like what the statement is made of, and
/// nowhere in it.
std::vector<trace::InFlight::Lease> crowd(trace::InFlight& in_flight) {
  std::vector<trace::InFlight::Lease> leases;
  for (std::size_t i = 0; i < Examiner::kMaxRequests - 2; ++i) {
    auto context = std::make_shared<trace::Context>();
    secure_random(&context->trace, sizeof context->trace);
    for (std::size_t k = 0; k < trace::Context::kMaxInputs; ++k)
      context->inputs.push_back({trace::Input::Where::query, "a", fmt::format("{} {}.{}", k % 2 == 0 ? "a,a,a,a,a" : "1+1+1+1+", i, k)});
    leases.push_back(in_flight.enter(std::move(context)));
  }
  return leases;
}

void worst_statement(const std::string& list, std::string_view only) {
  trace::InFlight in_flight(16, std::chrono::milliseconds(0));
  Examiner examiner(&in_flight, nullptr);
  Policy policy;
  policy.guards = guards(AllowListMode::monitor, list);
  policy.guards.push_back(make_tenant_filter({GuardMode::monitor, {{"orders", "tenant_id"}, {"items", "tenant_id"}}, {}}));
  policy.guards.push_back(make_least_privilege({GuardMode::monitor, {{"app", {{"*", {Verb::select}, {"b"}, {"card"}}}}}}));
  policy.guards.push_back(make_catalogue({GuardMode::monitor, {}, {}}));
  double worst = 0;
  std::string which;
  const auto in_request = [&](std::string_view value) {
    auto context = std::make_shared<trace::Context>();
    secure_random(&context->trace, sizeof context->trace);
    context->inputs = {{trace::Input::Where::body, "q", std::string(value.substr(0, trace::Context::kMaxInputBytes))}};
    return in_flight.enter(std::move(context));
  };
  const auto examine = [&](const Shape& shape, std::string_view size, const std::string& text) {
    const std::size_t middle = text.size() / 2;
    const auto whole = in_request(std::string_view(text).substr(middle));
    const auto literals = in_request("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1");
    const double began = cpu_us();
    const auto record = examiner.examine(policy, {"app", "app", "bench", {}}, text, {}, 0);
    const double ms = (cpu_us() - began) / 1e3;
    const bool looked_at = !record->refusal || record->facts != nullptr;
    fmt::print("{:22} {:9} {:8} bytes {:8.2f} ms {}\n", shape.name, size, text.size(), ms,
               looked_at ? "examined" : record->refusal->sqlstate + " " + record->refusal->message);
    std::fflush(stdout);
    if (ms > worst) which = fmt::format("{} ({})", shape.name, size);
    worst = std::max(worst, ms);
  };
  for (const Shape& shape : shapes()) {
    if (!only.empty() && only != shape.name) continue;
    // A limit that refuses the largest one at once must not hide what passes just below it.
    for (const std::size_t tokens : {20'000UL, 40'000UL, 60'000UL, 100'000UL, sql::kMaxTokens - 1'000})
      examine(shape, fmt::format("{}k", tokens / 1000), statement_of(shape, tokens));
    examine(shape, "all", statement_of(shape, 0));
  }
  const auto crowded = crowd(in_flight);
  examine({"crowd_stores", {}, {}, {}}, "all", "insert into t values (1)");  // all inputs are remembered
  for (const Shape& shape : shapes())
    for (const std::string_view name : {"sums", "columns", "in_list_of_strings", "one_string", "statements"})
      if (shape.name == name) examine(shape, "crowded", statement_of(shape, sql::kMaxTokens - 1'000));
  fmt::print("worst: {}\n", which);
  figure("db_hostile_statement", worst, "ms", kHostileGoalMs);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string list = fmt::format("{}/bulwark-bench-{}.list", std::filesystem::temp_directory_path().string(), getpid());
  if (argc > 1 && std::string_view(argv[1]) == "hostile") {
    worst_statement(list, argc > 2 ? argv[2] : "");
    return 0;
  }
  Bench bench;
  figure("db_guards_point_select", bench.us_each(point_select, list), "us", kGuardsGoalUs);
  figure("db_guards_orm_select", bench.us_each(orm_select, list), "us", kGuardsGoalUs);
  bench.enter_requests();
  figure("db_guards_point_select_in_flight", bench.us_each(point_select, list), "us", kGuardsGoalUs);
  figure("db_guards_orm_select_in_flight", bench.us_each(orm_select, list), "us", kGuardsGoalUs);
  worst_statement(list, {});
  std::filesystem::remove(list);
}
