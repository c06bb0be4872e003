// What counts as spent, by whom, when it is forgiven, and what outlives a restart.
#include "chat/budgets/budgets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

namespace bulwark::chat::budgets {
namespace {

struct Folder {
  Folder() {
    char made[] = "/tmp/bulwark_budgetsXXXXXX";
    path = ::mkdtemp(made);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  storage::OpenOptions file() const { return {.path = path + "/chat.db", .key = {}}; }
  std::string path;
};

trace::Principal user(std::string name, std::string tenant = "acme") {
  trace::Principal who;
  who.user = std::move(name);
  who.tenant = std::move(tenant);
  return who;
}

const IpAddress kFrom = IpAddress::parse("203.0.113.7").value();

BudgetSettings daily(std::int64_t tokens, double cost = 0, Spender by = Spender::user) {
  return {.name = "daily", .by = by, .per = std::chrono::hours(24), .tokens = tokens, .cost = cost};
}

/// One request and its answer; false when it was refused.
bool ask(Budgets& budgets, const trace::Principal& who, std::int64_t prompt, std::int64_t answer, std::string_view model = "m") {
  Reservation reserved;
  if (budgets.enter(who, kFrom, model, prompt, reserved)) return false;
  budgets.leave(reserved, {prompt, answer, false});
  return true;
}

TEST(Budgets, EndWhereTheirBoundIsAndBeginAnewWithTheWindow) {
  ManualClock clock;
  const auto budgets = Budgets::open({daily(100)}, {}, std::nullopt, clock).value();
  EXPECT_TRUE(ask(*budgets, user("jane"), 40, 50));
  EXPECT_FALSE(ask(*budgets, user("jane"), 11, 0));
  EXPECT_TRUE(ask(*budgets, user("joe"), 11, 0));
  Reservation reserved;
  const auto refused = budgets->enter(user("jane"), kFrom, "m", 11, reserved);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->budget, "daily");
  EXPECT_LE(refused->wait, std::chrono::hours(24));
  clock.advance(refused->wait);
  EXPECT_TRUE(ask(*budgets, user("jane"), 11, 0));
}

TEST(Budgets, SetAsideWhatIsInFlight) {
  ManualClock clock;
  const auto budgets = Budgets::open({daily(100)}, {}, std::nullopt, clock).value();
  Reservation first;
  EXPECT_FALSE(budgets->enter(user("jane"), kFrom, "m", 60, first));
  EXPECT_FALSE(ask(*budgets, user("jane"), 60, 0));
  budgets->leave(first, {0, 0, true});
  EXPECT_TRUE(ask(*budgets, user("jane"), 60, 0));
}

TEST(Budgets, CountCostByModelAndTheUnknownAsTheDearest) {
  ManualClock clock;
  const Budgets::Prices prices{{"small", {1, 2}}, {"big*", {100, 200}}};
  const auto budgets = Budgets::open({daily(0, 1)}, prices, std::nullopt, clock).value();
  EXPECT_TRUE(ask(*budgets, user("jane"), 100'000, 100'000, "small"));  // 0.3
  EXPECT_TRUE(ask(*budgets, user("jane"), 100'000, 100'000, "small"));  // 0.6
  EXPECT_FALSE(ask(*budgets, user("jane"), 5'000, 0, "big-2"));         // 0.5 more
  EXPECT_FALSE(ask(*budgets, user("jane"), 5'000, 0, "new"));
  EXPECT_TRUE(ask(*budgets, user("jane"), 5'000, 0, "small"));
}

TEST(Budgets, AddUpTenantsAndThoseWithoutName) {
  ManualClock clock;
  const auto budgets = Budgets::open({daily(100, 0, Spender::tenant)}, {}, std::nullopt, clock).value();
  EXPECT_TRUE(ask(*budgets, user("jane"), 60, 0));
  EXPECT_FALSE(ask(*budgets, user("joe"), 60, 0));
  EXPECT_TRUE(ask(*budgets, user("eve", "other"), 60, 0));
  EXPECT_TRUE(ask(*budgets, {}, 60, 0));
  EXPECT_FALSE(ask(*budgets, {}, 60, 0));
  std::string status;
  json::Writer writer(status);
  budgets->write_status(writer);
  EXPECT_NE(status.find(R"("who":"tenant acme","tokens":60)"), std::string::npos) << status;
  EXPECT_NE(status.find(R"("who":"ip 203.0.113.7")"), std::string::npos) << status;
}

TEST(Budgets, OutliveARestart) {
  Folder folder;
  ManualClock clock;
  {
    const auto budgets = Budgets::open({daily(100)}, {}, folder.file(), clock).value();
    EXPECT_TRUE(ask(*budgets, user("jane"), 90, 0));
  }
  const auto budgets = Budgets::open({daily(100)}, {}, folder.file(), clock).value();
  EXPECT_FALSE(ask(*budgets, user("jane"), 20, 0));
  clock.advance(std::chrono::hours(24));
  EXPECT_TRUE(ask(*budgets, user("jane"), 20, 0));
}

TEST(Ledger, ForgetsThoseWhoSpentLeastWhenItIsFull) {
  ManualClock clock;
  const auto ledger = Ledger::open(std::nullopt, clock).value();
  const Bound bound{std::chrono::hours(1), {1'000, 0}};
  for (std::size_t i = 0; i < Ledger::kMaxAccounts; ++i) {
    const auto tokens = static_cast<std::int64_t>(i == 7 ? 1'000 : 1);
    ledger->settle("a" + std::to_string(i), bound, {}, {tokens, 0});
  }
  ledger->settle("one more", bound, {}, {1, 0});
  EXPECT_LE(ledger->accounts(), Ledger::kMaxAccounts * 9 / 10 + 1);
  EXPECT_TRUE(ledger->reserve("a7", bound, {1, 0}));
}

TEST(Ledger, SaysTheSameAsANaiveOne) {
  ManualClock clock;
  const auto ledger = Ledger::open(std::nullopt, clock).value();
  const Bound bound{std::chrono::seconds(100), {500, 0}};
  std::map<std::string, std::pair<WallTime, std::int64_t>> naive;  // window's number, spent
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    clock.advance(std::chrono::milliseconds(random() % 300));
    const std::string name(1, static_cast<char>('a' + random() % 5));
    const auto tokens = static_cast<std::int64_t>(random() % 120);
    auto& [window, spent] = naive[name];
    const WallTime now = clock.wall() / 100'000'000'000;
    if (window != now) spent = 0;
    window = now;
    const auto refused = ledger->reserve(name, bound, {tokens, 0});
    ASSERT_EQ(refused.has_value(), spent + tokens > 500) << i;
    if (refused) continue;
    ledger->settle(name, bound, {tokens, 0}, {tokens, 0});
    spent += tokens;
  }
}

std::int64_t output_of(std::initializer_list<const char*> events, std::size_t said = 0) {
  Meter meter(400);
  for (const char* event : events) meter.saw(json::Document::parse(event)->root());
  meter.said(said);
  return meter.usage().output;
}

TEST(Meter, ReadsUsageInEveryDialectAndEstimatesWithoutIt) {
  EXPECT_EQ(output_of({R"({"usage":{"prompt_tokens":10,"completion_tokens":7}})"}), 7);
  EXPECT_EQ(output_of({R"({"choices":[],"usage":null})", R"({"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":8}})"}, 99), 8);
  EXPECT_EQ(output_of({R"({"type":"response.completed","response":{"usage":{"input_tokens":1,"output_tokens":9}}})"}), 9);
  EXPECT_EQ(output_of({R"({"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}})",
                       R"({"type":"message_delta","usage":{"output_tokens":30}})"}),
            30);
  EXPECT_EQ(output_of({R"({"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}})"}, 400), 100);
  EXPECT_EQ(output_of({}, 41), 11);
  EXPECT_EQ(output_of({R"({"usage":{"completion_tokens":-5}})"}), 0);
  EXPECT_EQ(output_of({R"({"usage":{"completion_tokens":9223372036854775807}})"}), Meter::kMostTokens);
  Meter cached(4);
  cached.saw(json::Document::parse(R"({"usage":{"input_tokens":5,"cache_read_input_tokens":100,"output_tokens":2}})")->root());
  EXPECT_EQ(cached.usage().input, 105);
}

}  // namespace
}  // namespace bulwark::chat::budgets
