// Limits on real exchanges against a naive twin, whom they count by, what refusals say, throttles, concurrency, body budgets.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

#include "limits/stage.h"

namespace bulwark::limits {
namespace {

using gateway::Exchange;
using gateway::Phase;
using gateway::Verdict;
using namespace std::chrono_literals;

struct Client {
  std::string address = "203.0.113.9";
  trace::Principal principal;
  std::string content_length;
};

class Limits : public ::testing::Test {
 protected:
  std::unique_ptr<Exchange> exchange(const Client& client) const {
    auto made = std::make_unique<Exchange>();
    made->client.address = IpAddress::parse(client.address).value();
    made->principal = client.principal;
    made->started = now_;
    made->started_wall = 1'000'000'000;
    if (!client.content_length.empty()) made->request.headers.list.push_back({"Content-Length", client.content_length});
    return made;
  }
  LimitStage stage(RouteSettings settings, std::string_view route = "api", const control::Table* control = nullptr) const {
    return LimitStage(route, std::move(settings), budgets_, control);
  }
  bool passes(const LimitStage& stage, const Client& client) {
    last_ = exchange(client);
    return stage.run(Phase::request_head, *last_, 0).value() == Verdict::pass;
  }
  std::string header(std::string_view name) const {
    for (const auto& [key, value] : last_->denial()->headers)
      if (key == name) return value;
    return "";
  }

  MonoTime now_{1h};
  std::shared_ptr<Budgets> budgets_ = std::make_shared<Budgets>(4096);
  std::unique_ptr<Exchange> last_;
};

trace::Principal who(std::string user, std::string tenant = "", std::string key = "") {
  return {.user = std::move(user),
          .tenant = std::move(tenant),
          .credential = key.empty() ? trace::Credential::jwt : trace::Credential::api_key,
          .credential_id = std::move(key)};
}

/// The law in its plainest form: a queue of debts, each paid off one interval after the one before it.
class NaiveLimit {
 public:
  NaiveLimit(Duration interval, std::size_t burst) : interval_(interval), burst_(burst) {}
  bool take(MonoTime now) {
    while (!due_.empty() && due_.front() <= now) due_.pop_front();
    if (due_.size() >= burst_) return false;
    due_.push_back((due_.empty() ? now : due_.back()) + interval_);
    return true;
  }

 private:
  Duration interval_;
  std::size_t burst_;
  std::deque<MonoTime> due_;
};

TEST_F(Limits, DecideAsTheirNaiveTwin) {
  const auto limited = stage({.rates = {{.name = "a", .limit = 50, .burst = 4}}});
  std::map<int, NaiveLimit> naive;
  std::mt19937 random(11);
  int refused = 0;
  for (int i = 0; i < 50'000; ++i) {
    now_ += std::chrono::microseconds(random() % 3000);
    const int host = static_cast<int>(random() % 10);
    const bool expected = naive.try_emplace(host, NaiveLimit(20ms, 4)).first->second.take(now_);
    ASSERT_EQ(passes(limited, {.address = "198.51.100." + std::to_string(host)}), expected) << i;
    refused += expected ? 0 : 1;
  }
  EXPECT_GT(refused, 1000);
}

TEST_F(Limits, CountByWhatTheySay) {
  const Client alice{.address = "192.0.2.1", .principal = who("alice", "acme", "k1")};
  const std::map<By, std::vector<Client>> same = {{By::ip, {{.address = "192.0.2.1", .principal = who("bob")}}},
                                                  {By::user, {{.address = "192.0.2.2", .principal = who("alice", "other")}}},
                                                  {By::tenant, {{.address = "192.0.2.2", .principal = who("bob", "acme")}}},
                                                  {By::api_key, {{.address = "192.0.2.2", .principal = who("x", "y", "k1")}}},
                                                  {By::route, {{.address = "192.0.2.2"}}}};
  for (const auto& [by, twins] : same) {
    const auto limited = stage({.rates = {{.name = "one", .by = by, .limit = 1, .per = 1h}}}, "r" + std::to_string(static_cast<int>(by)));
    EXPECT_TRUE(passes(limited, alice));
    for (const auto& twin : twins) EXPECT_FALSE(passes(limited, twin)) << static_cast<int>(by);
    if (by != By::route) {
      EXPECT_TRUE(passes(limited, {.address = "192.0.2.3", .principal = who("carol", "third", "k3")})) << static_cast<int>(by);
    }
  }
}

TEST_F(Limits, ThoseWithoutAUserAreCountedByAddress) {
  const auto limited = stage({.rates = {{.name = "u", .by = By::user, .limit = 1, .per = 1h}}});
  EXPECT_TRUE(passes(limited, {.address = "2001:db8::1"}));
  EXPECT_FALSE(passes(limited, {.address = "2001:db8::2"}));
  EXPECT_TRUE(passes(limited, {.address = "2001:db8:0:1::1"}));
}

TEST_F(Limits, RefusalsSayWhatAndWhen) {
  const auto limited = stage({.rates = {{.name = "per-ip", .limit = 10, .per = 60s, .burst = 1}}});
  EXPECT_TRUE(passes(limited, {}));
  ASSERT_FALSE(passes(limited, {}));
  EXPECT_EQ(last_->denial()->status, 429);
  EXPECT_EQ(last_->denial()->rule, "limits.per-ip");
  EXPECT_EQ(header("Retry-After"), "6");
  EXPECT_EQ(header("RateLimit-Policy"), "\"per-ip\";q=10;w=60");
  EXPECT_EQ(header("RateLimit"), "\"per-ip\";r=0;t=6");
  now_ += 6s;
  EXPECT_TRUE(passes(limited, {}));
}

TEST_F(Limits, AnnounceWhenAsked) {
  const auto limited = stage({.rates = {{.name = "a", .limit = 10}}, .announce = true});
  ASSERT_TRUE(passes(limited, {}));
  EXPECT_EQ(last_->response_edits.edits().back().value, "\"a\";r=9;t=1");
}

TEST_F(Limits, ReloadingForgivesNobodyAndRoutesCountApart) {
  const RouteSettings one{.rates = {{.name = "a", .limit = 1, .per = 1h}}};
  EXPECT_TRUE(passes(stage(one, "x"), {}));
  EXPECT_FALSE(passes(stage(one, "x"), {}));
  EXPECT_TRUE(passes(stage(one, "y"), {}));
}

TEST_F(Limits, BoundWhatIsInFlightAndGiveItBack) {
  const auto limited = stage({.max_concurrent = 2});
  auto first = exchange({});
  auto second = exchange({});
  auto third = exchange({});
  EXPECT_EQ(limited.run(Phase::request_head, *first, 0).value(), Verdict::pass);
  EXPECT_EQ(limited.run(Phase::request_head, *second, 0).value(), Verdict::pass);
  EXPECT_EQ(limited.run(Phase::request_head, *third, 0).value(), Verdict::deny);
  EXPECT_EQ(third->denial()->rule, "limits.concurrency");
  EXPECT_TRUE(passes(limited, {.address = "192.0.2.200"}));
  first.reset();
  EXPECT_TRUE(passes(limited, {}));
  second.reset();
  third.reset();
  last_.reset();
  EXPECT_EQ(budgets_->in_flight.keys(), 0U);
}

TEST_F(Limits, CountBodiesByTheKib) {
  const auto limited = stage({.rates = {{.name = "b", .unit = Unit::body_kib, .limit = 10, .per = 1h}}});
  EXPECT_TRUE(passes(limited, {.content_length = "8192"}));
  EXPECT_TRUE(passes(limited, {.content_length = "0"}));
  EXPECT_TRUE(passes(limited, {.content_length = "1025"}));
  EXPECT_FALSE(passes(limited, {.content_length = "1"}));
  EXPECT_FALSE(passes(limited, {.address = "192.0.2.77", .content_length = "999999999999"}));
}

TEST_F(Limits, MeterBodiesOfUnknownLength) {
  const auto limited = stage({.rates = {{.name = "b", .unit = Unit::body_kib, .limit = 4, .per = 1h}}});
  ASSERT_TRUE(passes(limited, {}));
  ASSERT_EQ(last_->request_filters.size(), 1U);
  std::string out;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(last_->request_filters[0]->feed(std::string(1024, 'x'), false, out).ok());
  EXPECT_EQ(out.size(), 4096U);
  EXPECT_FALSE(last_->request_filters[0]->feed(std::string(1024, 'x'), true, out).ok());
}

TEST_F(Limits, ObeyThrottles) {
  const auto control = control::Table::create(nullptr).value();
  const auto open = stage({}, "api", control.get());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(passes(open, {}));
  const auto added = control->add({.kind = control::Kind::throttle,
                                   .subject = control::Subject::ip,
                                   .value = "203.0.113.9",
                                   .expires = system_clock().wall() + 60'000'000'000,
                                   .reason = "test",
                                   .created_by = "user:test"});
  ASSERT_TRUE(added.ok()) << added.error().message;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(passes(open, {})) << i;
  EXPECT_FALSE(passes(open, {}));
  EXPECT_EQ(last_->denial()->rule, "control.throttle");
  EXPECT_EQ(header("Retry-After"), "1");
  EXPECT_TRUE(passes(open, {.address = "192.0.2.50"}));
  ASSERT_TRUE(control->undo(added->id).ok());
  EXPECT_TRUE(passes(open, {}));
}

}  // namespace
}  // namespace bulwark::limits
