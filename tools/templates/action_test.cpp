// What the action @name@ does, and that it can be undone.
#include "soc/actions/@name@.h"

#include <gtest/gtest.h>

namespace bulwark::soc {
namespace {

TEST(@Name@, SaysWhatItDidAndCanBeUndone) {
  auto action = make_@name@();
  Alert alert;
  alert.title = "a title";
  auto done = action->run({.alert = &alert});
  ASSERT_TRUE(done.ok());
  EXPECT_FALSE(done->summary.empty());
  EXPECT_TRUE(action->undo(done->undo_handle, "user:test").ok());
}

}  // namespace
}  // namespace bulwark::soc
