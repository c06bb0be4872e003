// The control table against a plain list of entries, and its promises: expiry, extension, undo, journal, races.
#include "control/table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>

namespace bulwark::control {
namespace {

using std::chrono::seconds;

constexpr WallTime kSecond = 1'000'000'000;

IpAddress ip(std::string_view text) { return IpAddress::parse(text).value(); }

Entry block(const Clock& clock, std::string value, int for_seconds = 60, Subject subject = Subject::ip, Kind kind = Kind::block) {
  Entry entry;
  entry.kind = kind;
  entry.subject = subject;
  entry.value = std::move(value);
  entry.expires = clock.wall() + for_seconds * kSecond;
  entry.reason = "a test says so";
  return entry;
}

/// A journal in memory that can be told to fail, shared with what a restart would read.
class MemoryJournal final : public Journal {
 public:
  explicit MemoryJournal(std::map<EntryId, Entry>& kept, const bool& failing) : kept_(kept), failing_(failing) {}
  Result<void> save(const Entry& entry) override {
    if (failing_) return internal_error(Code::io, "disk full");
    kept_[entry.id] = entry;
    return {};
  }
  Result<void> remove(const EntryId& id) override {
    if (failing_) return internal_error(Code::io, "disk full");
    kept_.erase(id);
    return {};
  }
  Result<std::vector<Entry>> load() override {
    std::vector<Entry> all;
    for (const auto& [id, entry] : kept_) all.push_back(entry);
    return all;
  }

 private:
  std::map<EntryId, Entry>& kept_;
  const bool& failing_;
};

TEST(ControlTable, RefusesUntilItExpires) {
  ManualClock clock;
  const auto table = Table::create(nullptr, clock).value();
  const Entry made = table->add(block(clock, "203.0.113.9", 60)).value();
  EXPECT_FALSE(made.id.empty());
  const auto snapshot = table->snapshot();
  EXPECT_NE(snapshot->refusal(ip("203.0.113.9"), nullptr, clock.wall()), nullptr);
  EXPECT_EQ(snapshot->refusal(ip("203.0.113.8"), nullptr, clock.wall()), nullptr);
  clock.advance(seconds(60));
  EXPECT_EQ(snapshot->refusal(ip("203.0.113.9"), nullptr, clock.wall()), nullptr);
  table->drop_expired();
  EXPECT_TRUE(table->snapshot()->empty());
}

TEST(ControlTable, PrefixesCoverTheirAddresses) {
  ManualClock clock;
  const auto table = Table::create(nullptr, clock).value();
  EXPECT_EQ(table->add(block(clock, "10.1.2.3/12")).value().value, "10.0.0.0/12");
  EXPECT_EQ(table->add(block(clock, "2001:db8::1/33")).value().value, "2001:db8::/33");
  const auto snapshot = table->snapshot();
  EXPECT_NE(snapshot->refusal(ip("10.15.255.255"), nullptr, clock.wall()), nullptr);
  EXPECT_EQ(snapshot->refusal(ip("10.16.0.0"), nullptr, clock.wall()), nullptr);
  EXPECT_NE(snapshot->refusal(ip("2001:db8:7fff::1"), nullptr, clock.wall()), nullptr);
  EXPECT_EQ(snapshot->refusal(ip("2001:db8:8000::1"), nullptr, clock.wall()), nullptr);
}

TEST(ControlTable, EachSubjectMatchesItsOwnField) {
  ManualClock clock;
  const auto table = Table::create(nullptr, clock).value();
  (void)table->add(block(clock, "ann", 60, Subject::user, Kind::freeze)).value();
  (void)table->add(block(clock, "acme", 60, Subject::tenant)).value();
  (void)table->add(block(clock, "k1", 60, Subject::credential, Kind::revoke)).value();
  (void)table->add(block(clock, "s1", 60, Subject::session, Kind::revoke)).value();
  (void)table->add(block(clock, "app", 60, Subject::database_role)).value();
  (void)table->add(block(clock, "bob", 60, Subject::user, Kind::throttle)).value();
  const auto now = clock.wall();
  const auto state = table->snapshot();
  const auto refused = [&](trace::Principal who) { return state->refusal(ip("192.0.2.1"), &who, now) != nullptr; };
  EXPECT_TRUE(refused({.user = "ann"}));
  EXPECT_FALSE(refused({.user = "acme"}));
  EXPECT_TRUE(refused({.user = "x", .tenant = "acme"}));
  EXPECT_TRUE(refused({.user = "x", .credential_id = "k1"}));
  EXPECT_FALSE(refused({.user = "x", .credential = trace::Credential::jwt, .credential_id = "s1"}));
  EXPECT_TRUE(refused({.user = "x", .credential = trace::Credential::session, .credential_id = "s1"}));
  EXPECT_FALSE(refused({.user = "bob"}));
  const trace::Principal bob{.user = "bob"};
  EXPECT_NE(state->throttle(ip("192.0.2.1"), &bob, now), nullptr);
  EXPECT_NE(state->refusal_for_role("app", now), nullptr);
  EXPECT_EQ(state->refusal_for_role("ann", now), nullptr);
}

TEST(ControlTable, TheSameAgainExtendsAndNeverShortens) {
  ManualClock clock;
  const auto table = Table::create(nullptr, clock).value();
  const Entry first = table->add(block(clock, "192.0.2.1", 100)).value();
  const Entry longer = table->add(block(clock, "::ffff:192.0.2.1", 200)).value();
  EXPECT_EQ(longer.id, first.id);
  const Entry shorter = table->add(block(clock, "192.0.2.1/32", 10)).value();
  EXPECT_EQ(shorter.expires, longer.expires);
  EXPECT_EQ(table->snapshot()->size(), 1U);
}

TEST(ControlTable, RefusesWhatMakesNoSense) {
  ManualClock clock;
  const auto table = Table::create(nullptr, clock).value();
  EXPECT_FALSE(table->add(block(clock, "not an address")).ok());
  EXPECT_FALSE(table->add(block(clock, "", 60, Subject::user)).ok());
  EXPECT_FALSE(table->add(block(clock, std::string(2000, 'a'), 60, Subject::user)).ok());
  EXPECT_FALSE(table->add(block(clock, "192.0.2.1", 0)).ok());
  EXPECT_FALSE(table->add(block(clock, "192.0.2.1", 400 * 86'400)).ok());
  EXPECT_FALSE(table->undo(EntryId::random()).ok());
  EXPECT_TRUE(table->snapshot()->empty());
}

TEST(ControlTable, AViewFollowsEveryChange) {
  ManualClock clock;
  const auto table = Table::create(nullptr, clock).value();
  Table::View view(*table);
  EXPECT_TRUE(view.current().empty());
  const Entry made = table->add(block(clock, "192.0.2.1")).value();
  EXPECT_EQ(view.current().size(), 1U);
  EXPECT_TRUE(table->undo(made.id).ok());
  EXPECT_TRUE(view.current().empty());
}

TEST(ControlTable, TheJournalBringsEntriesBackAndAFullDiskDoesNotStopABlock) {
  ManualClock clock;
  std::map<EntryId, Entry> kept;
  bool failing = false;
  Entry saved;
  {
    const auto table = Table::create(std::make_unique<MemoryJournal>(kept, failing), clock).value();
    saved = table->add(block(clock, "192.0.2.1", 60)).value();
    (void)table->add(block(clock, "192.0.2.2", 5)).value();
    failing = true;
    EXPECT_TRUE(table->add(block(clock, "192.0.2.3", 60)).ok());
    EXPECT_NE(table->snapshot()->refusal(ip("192.0.2.3"), nullptr, clock.wall()), nullptr);
    failing = false;
  }
  clock.advance(seconds(10));
  const auto table = Table::create(std::make_unique<MemoryJournal>(kept, failing), clock).value();
  EXPECT_EQ(table->snapshot()->size(), 1U);
  EXPECT_EQ(kept.size(), 1U);
  const Entry* found = table->snapshot()->refusal(ip("192.0.2.1"), nullptr, clock.wall());
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->id, saved.id);
  failing = true;
  EXPECT_FALSE(table->undo(saved.id).ok());
  EXPECT_TRUE(table->snapshot()->empty()) << "out of force though the journal failed";
}

/// Against a naive twin: a list that is searched from end to end.
TEST(ControlTable, AgreesWithAPlainList) {
  ManualClock clock;
  const auto table = Table::create(nullptr, clock).value();
  std::vector<std::pair<IpPrefix, Entry>> twin;
  std::mt19937 random(11);
  const auto address = [&] { return "10.0." + std::to_string(random() % 4) + "." + std::to_string(random() % 8); };
  for (int step = 0; step < 3000; ++step) {
    clock.advance(seconds(1));
    if (random() % 3 != 0) {
      const std::string value = address() + (random() % 4 == 0 ? "/24" : random() % 4 == 0 ? "/30" : "");
      const Entry made = table->add(block(clock, value, static_cast<int>(1 + random() % 30))).value();
      std::erase_if(twin, [&](const auto& each) { return each.second.id == made.id; });
      twin.emplace_back(IpPrefix::parse(made.value).value(), made);
    } else if (!twin.empty()) {
      const std::size_t at = random() % twin.size();
      const bool there = twin[at].second.expires > clock.wall();
      const bool undone = table->undo(twin[at].second.id).ok();
      ASSERT_TRUE(undone || !there);
      twin.erase(twin.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (step % 7 == 0) table->drop_expired();
    const IpAddress probe = ip(address());
    const bool expected = std::any_of(twin.begin(), twin.end(),
                                      [&](const auto& each) { return each.second.expires > clock.wall() && each.first.contains(probe); });
    ASSERT_EQ(table->snapshot()->refusal(probe, nullptr, clock.wall()) != nullptr, expected) << "step " << step;
  }
}

TEST(ControlTable, ReadersSeeWholeStatesWhileWritersWrite) {
  const auto table = Table::create(nullptr).value();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    Table::View view(*table);
    while (!done) {
      const Snapshot& state = view.current();
      const Entry* found = state.refusal(ip("192.0.2.1"), nullptr, system_clock().wall());
      if (found != nullptr) {
        ASSERT_EQ(found->value, "192.0.2.1");
      }
    }
  });
  for (int i = 0; i < 300; ++i) {
    const Entry made = table->add(block(system_clock(), "192.0.2.1")).value();
    (void)table->add(block(system_clock(), "198.51.100." + std::to_string(i % 250))).value();
    ASSERT_TRUE(table->undo(made.id).ok());
  }
  done = true;
  reader.join();
}

TEST(ControlTable, HoldsManyEntries) {
  ManualClock clock;
  const auto table = Table::create(nullptr, clock).value();
  for (std::size_t i = 0; i < 20'000; ++i)
    (void)table
        ->add(block(clock, "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." + std::to_string(i & 255), 3600))
        .value();
  EXPECT_EQ(table->snapshot()->size(), 20'000U);
  EXPECT_EQ(table->snapshot()->entries().size(), 20'000U);
}

}  // namespace
}  // namespace bulwark::control
