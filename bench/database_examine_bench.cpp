// `make bench-db`, its part without a network: what parsing and the guards cost a statement, with requests in flight to compare it
// with, and what the worst statement of a megabyte costs.
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "database/examiner.h"
#include "database/guards/allow_list.h"
#include "database/guards/dangerous_functions.h"
#include "database/guards/multiple_statements.h"
#include "database/guards/session_settings.h"
#include "database/guards/taint.h"

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

std::string repeated(std::string_view part, std::size_t bytes) {
  std::string out;
  while (out.size() + part.size() <= bytes) out += part;
  return out;
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

void worst_statement(const std::string& list) {
  const std::size_t n = kHostileBytes;
  const std::pair<const char*, std::string> cases[] = {
      {"sums", "select 1" + repeated("+1", n)},
      {"sums_below_the_token_limit", "select 1" + repeated("+1", 190'000)},
      {"unions", "select 1" + repeated(" union select 1", n)},
      {"casts", "select 1" + repeated("::int", n)},
      {"parentheses", "select " + repeated("(", n)},
      {"paired_parentheses", "select " + repeated("(", 95'000) + "1" + repeated(")", 95'000)},
      {"nested_comments", repeated("/*", n / 2) + repeated("*/", n / 2) + "select 1"},
      {"open_comments", repeated("/*", n)},
      {"in_list", "select 1 where 1 in (1" + repeated(",1", n) + ")"},
      {"in_list_of_strings", "select 1 where 'a' in ('a'" + repeated(",'aaaaaaa'", n) + ")"},
      {"values", "insert into t values (1)" + repeated(",(1)", n)},
      {"columns", "select a" + repeated(",abcdefgh", n)},
      {"joins", "select 1 from a" + repeated(" join a using (b)", n)},
      {"subselects", "select " + repeated("(select ", n)},
      {"ands", "select 1 where a" + repeated(" and a", n)},
      {"nots", "select " + repeated("not ", n) + "true"},
      {"cases", "select " + repeated("case when a then ", n)},
      {"arrays", "select array" + repeated("[", n)},
      {"statements", repeated("select 1;", n)},
      {"one_string", "select '" + repeated("''", n) + "'"},
      {"dollar_quotes", "select $a$" + repeated("$b$", n) + "$a$"},
      {"functions", "select " + repeated("f(", n)},
      {"with_queries", "with a as (select 1)" + repeated(",a as (select 1)", n) + " select 1"},
      {"identifiers", "select " + repeated("a.", n) + "b"},
      {"long_name", "select " + repeated("a", n)},
  };
  trace::InFlight in_flight(16, std::chrono::milliseconds(0));
  Examiner examiner(&in_flight, nullptr);
  Policy policy;
  policy.guards = guards(AllowListMode::monitor, list);
  double worst = 0;
  for (const auto& [name, text] : cases) {
    const double began = cpu_us();
    const auto record = examiner.examine(policy, {"app", "app", "bench", {}}, text, {}, 0);
    const double ms = (cpu_us() - began) / 1e3;
    fmt::print("{:28} {:8.2f} ms {}\n", name, ms, record->refusal ? record->refusal->sqlstate : "examined");
    worst = std::max(worst, ms);
  }
  figure("db_hostile_statement", worst, "ms", kHostileGoalMs);
}

}  // namespace

int main() {
  const std::string list = fmt::format("{}/bulwark-bench-{}.list", std::filesystem::temp_directory_path().string(), getpid());
  Bench bench;
  figure("db_guards_point_select", bench.us_each(point_select, list), "us", kGuardsGoalUs);
  figure("db_guards_orm_select", bench.us_each(orm_select, list), "us", kGuardsGoalUs);
  bench.enter_requests();
  figure("db_guards_point_select_in_flight", bench.us_each(point_select, list), "us", kGuardsGoalUs);
  figure("db_guards_orm_select_in_flight", bench.us_each(orm_select, list), "us", kGuardsGoalUs);
  worst_statement(list);
  std::filesystem::remove(list);
}
