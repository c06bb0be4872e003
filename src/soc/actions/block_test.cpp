// The action block puts an entry in force, names its end, and takes it back.
#include "soc/actions/block.h"

#include <gtest/gtest.h>

namespace bulwark::soc {
namespace {

TEST(Block, BlocksForItsTimeAndIsUndone) {
  ManualClock clock;
  const auto table = control::Table::create(nullptr, clock).value();
  const auto action = make_block(*table, clock);
  Alert alert;
  alert.title = "too many attacks";
  alert.subject_value = "203.0.113.9";
  const auto done = action->run({.alert = &alert, .incident = "i1", .playbook = "p", .ttl = std::chrono::minutes(10)}).value();
  EXPECT_EQ(done.summary, "blocked ip 203.0.113.9 for 10 min");
  const auto address = IpAddress::parse("203.0.113.9").value();
  const auto state = table->snapshot();
  const control::Entry* entry = state->refusal(address, nullptr, clock.wall());
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->created_by, "playbook:p");
  EXPECT_EQ(entry->incident, "i1");
  EXPECT_EQ(entry->expires - clock.wall(), 600LL * 1'000'000'000);
  EXPECT_TRUE(action->undo(done.undo_handle, "user:ann").ok());
  EXPECT_TRUE(table->snapshot()->empty());
  EXPECT_FALSE(action->undo(done.undo_handle, "user:ann").ok());
  EXPECT_FALSE(action->undo("nonsense", "user:ann").ok());
}

}  // namespace
}  // namespace bulwark::soc
