// The embedded store against a plain list of events that is searched from end to end.
#include "events/embedded_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include "events/samples.h"

namespace bulwark::events {
namespace {

constexpr WallTime kMinute = 60LL * 1'000'000'000;
constexpr WallTime kStart = 1'700'000'000LL * 1'000'000'000 / kMinute * kMinute;

class EmbeddedStoreTest : public testing::Test {
 protected:
  EmbeddedStoreTest() {
    std::string name = (std::filesystem::temp_directory_path() / "events.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    options_.path = folder_ / "events.db";
    options_.key = crypto::MasterKey::from_secret(std::string(32, 'k')).value().derive("events.db");
    reopen();
  }
  ~EmbeddedStoreTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    store_.reset();
    store_ = open_embedded_store(options_).value();
  }
  /// Stores `events` in calls of uneven size, and remembers them.
  void fill(const std::vector<Event>& events) {
    std::mt19937 random(5);
    for (std::size_t at = 0; at < events.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 700, events.size() - at);
      ASSERT_TRUE(store_->append(std::span(events).subspan(at, size), {}).ok());
      at += size;
    }
    twin_.insert(twin_.end(), events.begin(), events.end());
  }
  std::vector<Event> mixed(std::size_t count, Samples& samples) {
    std::vector<Event> events;
    WallTime time = kStart;
    for (std::size_t i = 0; i < count; ++i) {
      time += 50'000'000;  // 20 a second
      const WallTime jittered = time - static_cast<WallTime>(samples.random()() % 100'000'000);
      events.push_back(samples.random()() % 10 == 0 ? samples.attack(jittered) : samples.access(jittered));
    }
    return events;
  }
  /// Newest first by arrival, as the store answers.
  std::vector<const Event*> expected(const Query& query, const std::function<bool(const Event&)>& fits) {
    std::vector<const Event*> found;
    for (std::size_t i = twin_.size(); i-- > 0 && found.size() < query.limit;)
      if (fits(twin_[i]) && i + 1 < query.before) found.push_back(&twin_[i]);
    return found;
  }
  void expect_agreement(const Query& query, const std::function<bool(const Event&)>& fits) {
    const auto wanted = expected(query, fits);
    const auto got = store_->query(query).value();
    ASSERT_EQ(got.size(), wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_TRUE(same(got[i].event, *wanted[i])) << i;
  }

  std::filesystem::path folder_;
  EmbeddedStoreOptions options_;
  std::unique_ptr<Store> store_;
  std::vector<Event> twin_;
};

TEST_F(EmbeddedStoreTest, AgreesWithAPlainListOnEveryFilter) {
  Samples samples;
  fill(mixed(9000, samples));
  EXPECT_EQ(store_->count().value(), twin_.size());
  const auto all = [](const Event&) { return true; };
  expect_agreement({}, all);
  expect_agreement({.limit = 1000}, all);
  expect_agreement({.before = 4321, .limit = 500}, all);
  const auto source = twin_[100].source;
  expect_agreement({.source = source, .limit = 1000}, [&](const Event& e) { return e.source == source; });
  for (const std::size_t at : {0UL, 17UL, 5000UL, 8999UL}) {
    const auto trace = twin_[at].trace;
    expect_agreement({.trace = trace}, [&](const Event& e) { return e.trace == trace; });
  }
  expect_agreement({.trace = TraceId::random()}, [](const Event&) { return false; });
  expect_agreement({.plane = Plane::waf, .limit = 50}, [](const Event& e) { return e.plane == Plane::waf; });
  expect_agreement({.disposition = Disposition::allowed}, [](const Event& e) { return e.disposition == Disposition::allowed; });
  expect_agreement({.min_severity = Severity::high}, [](const Event& e) { return e.severity >= Severity::high; });
  expect_agreement({.user = "user-7", .limit = 1000}, [](const Event& e) { return e.user == "user-7"; });
  expect_agreement({.tenant = "tenant-3", .rule = "942100"}, [](const Event& e) { return e.tenant == "tenant-3" && e.rule == "942100"; });
  expect_agreement({.text = "PRODUCTS/77"}, [](const Event& e) { return e.target.find("products/77") != std::string_view::npos; });
  expect_agreement({.text = "libInjection", .limit = 1000},
                   [](const Event& e) { return e.message.find("libinjection") != std::string_view::npos; });
  const WallTime from = kStart + 2 * kMinute + 5;
  const WallTime to = kStart + 3 * kMinute;
  expect_agreement({.from = from, .to = to, .limit = 1000}, [&](const Event& e) { return e.time >= from && e.time < to; });
  expect_agreement({.from = kStart + 900 * kMinute}, [](const Event&) { return false; });
}

TEST_F(EmbeddedStoreTest, PagesThroughEverythingWithoutGapOrDouble) {
  Samples samples;
  fill(mixed(3000, samples));
  Query query{.limit = 170};
  std::vector<EventId> seen;
  for (;;) {
    const auto page = store_->query(query).value();
    if (page.empty()) break;
    for (const auto& each : page) seen.push_back(each.id);
    query.before = page.back().id;
  }
  ASSERT_EQ(seen.size(), twin_.size());
  for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], twin_.size() - i);
}

TEST_F(EmbeddedStoreTest, CountsRulesByMinute) {
  Samples samples;
  fill(mixed(6000, samples));
  std::map<std::tuple<WallTime, std::string, Disposition>, std::uint64_t> wanted;
  for (const auto& event : twin_) ++wanted[{event.time / kMinute * kMinute, std::string(event.rule), event.disposition}];
  const auto got = store_->minutes(0, INT64_MAX, "").value();
  ASSERT_EQ(got.size(), wanted.size());
  for (const auto& cell : got) EXPECT_EQ(cell.count, (wanted[{cell.minute, cell.rule, cell.disposition}]));
  std::uint64_t of_rule = 0;
  const auto of_one = store_->minutes(0, INT64_MAX, "942100").value();
  for (const auto& cell : of_one) of_rule += cell.count;
  EXPECT_EQ(of_rule,
            static_cast<std::uint64_t>(std::count_if(twin_.begin(), twin_.end(), [](const Event& e) { return e.rule == "942100"; })));
}

TEST_F(EmbeddedStoreTest, GoesOnAfterAReopenWithItsDictionaryAndPositions) {
  Samples samples;
  std::vector<Event> attacks;
  for (int i = 0; i < 5000; ++i) attacks.push_back(samples.attack(kStart + i));
  const SpoolPosition positions[] = {{"a.spool", 4096}, {"b.spool", 64}};
  ASSERT_TRUE(store_->append(attacks, positions).ok());
  twin_ = attacks;
  reopen();
  ASSERT_EQ(store_->positions().value().size(), 2U);
  const SpoolPosition forget[] = {{"a.spool", SpoolPosition::kForget}, {"b.spool", 128}};
  fill(mixed(1500, samples));
  ASSERT_TRUE(store_->append({}, forget).ok());
  const auto left = store_->positions().value();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].spool, "b.spool");
  EXPECT_EQ(left[0].offset, 128U);
  expect_agreement({.limit = 1000}, [](const Event&) { return true; });
  EXPECT_EQ(store_->count().value(), 6500U);
}

TEST_F(EmbeddedStoreTest, ErasesWhatIsOldAndKeepsTheRest) {
  Samples samples;
  fill(mixed(9000, samples));
  const WallTime limit = kStart + 4 * kMinute;
  const std::uint64_t erased = store_->erase_before(limit).value();
  EXPECT_GT(erased, 2000U);
  EXPECT_EQ(store_->count().value(), twin_.size() - erased);
  // A batch goes when its last event is old; findings go to the minute.
  expect_agreement({.from = limit, .limit = 1000}, [&](const Event& e) { return e.time >= limit; });
  expect_agreement({.to = limit, .disposition = Disposition::blocked, .limit = 1000}, [](const Event&) { return false; });
  EXPECT_TRUE(store_->minutes(0, limit - 1, "").value().empty());
  fill(mixed(500, samples));
}

TEST_F(EmbeddedStoreTest, MaintainKeepsAgeAndSizeWithinBounds) {
  Samples samples;
  fill(mixed(9000, samples));
  options_.retention = std::chrono::seconds(60);
  reopen();
  const WallTime now = twin_.back().time;
  while (store_->count().value() > 3500) ASSERT_TRUE(store_->maintain(now).ok());
  options_.retention = std::chrono::hours(1000);
  options_.max_bytes = 1;
  reopen();
  for (int i = 0; i < 20 && store_->count().value() > 0; ++i) ASSERT_TRUE(store_->maintain(now).ok());
  EXPECT_EQ(store_->count().value(), 0U);
}

TEST_F(EmbeddedStoreTest, ReadersAndTheWriterDoNotWaitForEachOther) {
  Samples samples;
  fill(mixed(2000, samples));
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) {
      const auto page = store_->search({.limit = 100});
      ASSERT_TRUE(page.ok()) << page.error().message;
      ASSERT_EQ(page->events.size(), 100U);
    }
  });
  fill(mixed(5000, samples));
  done = true;
  reader.join();
}

}  // namespace
}  // namespace bulwark::events
