// What the probe @name@ calls up, degraded and down.
#include "noc/probes/@name@.h"

#include <gtest/gtest.h>

namespace bulwark::noc {
namespace {

TEST(@Name@, SaysWhatItSaw) {
  auto seen = make_@name@()->observe(std::chrono::seconds(1));
  ASSERT_TRUE(seen.ok());
  EXPECT_FALSE(seen->message.empty());
}

}  // namespace
}  // namespace bulwark::noc
