// What counts as far more than usual, and what is learned from what.
#include "database/guards/bulk_read.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "database/guards/followed_result_test.h"

namespace bulwark::database {
namespace {

class BulkReadTest : public FollowedResultTest {
 protected:
  BulkReadTest() { use({.mode = GuardMode::enforce, .min_rows = 100, .factor = 10, .learn_from = 5, .exempt_roles = {"backup"}}); }
  void use(BulkReadSettings settings) {
    auto made = make_bulk_read(settings);
    ASSERT_TRUE(made.ok()) << to_string(made.error());
    guard_ = *made;
  }
  void learn(std::string_view sql, std::uint64_t rows, int times, const std::string& role = "app") {
    for (int i = 0; i < times; ++i) EXPECT_EQ(result(sql, rows, role), "");
  }
};

TEST_F(BulkReadTest, FarMoreThanUsualIsDenied) {
  learn("select * from orders where customer = 1", 50, 5);
  EXPECT_EQ(result("select * from orders where customer = 2", 500), "");
  learn("select * from orders where customer = 3", 50, 1);
  const auto sweep = result("select * from orders where customer = 4", 5'001);
  EXPECT_NE(sweep.find("largest of 7 before of this statement had 500"), std::string::npos) << sweep;
  // What was denied taught nothing.
  EXPECT_NE(result("select * from orders where customer = 4", 5'001), "");
  EXPECT_EQ(result("select * from orders where customer = 4", 5'000), "");
}

TEST_F(BulkReadTest, SmallResultsAreNeverTooLarge) {
  learn("select * from orders where id = 1", 1, 5);
  EXPECT_EQ(result("select * from orders where id = 1 ", 100), "");
}

TEST_F(BulkReadTest, ANewShapeIsHeldAgainstTheRolesOthers) {
  learn("select * from orders where id = 1", 20, 5);
  EXPECT_NE(result("select * from customers", 201), "");
  EXPECT_EQ(result("select * from customers", 200), "");
}

TEST_F(BulkReadTest, NothingIsJudgedBeforeEnoughWasSeen) {
  learn("select * from orders where id = 1", 1, 4);
  EXPECT_EQ(result("select * from customers", 100'000), "");
  EXPECT_EQ(result("select * from customers", 100'000, "backup"), "");
  learn("select * from orders where id = 1", 1, 5, "other");
  EXPECT_NE(result("select * from customers", 101, "other"), "");
}

TEST_F(BulkReadTest, WhatIsLearnedOutlivesTheProcess) {
  const std::string file = std::filesystem::temp_directory_path() / ("bulwark-usual-" + std::to_string(getpid()));
  const BulkReadSettings settings{.mode = GuardMode::monitor, .file = file, .min_rows = 100, .factor = 10, .learn_from = 5};
  use(settings);
  learn("select * from orders where id = 1", 60, 5);
  learn("select * from orders where id = 1", 70, 1);
  learn("select * from orders where id = 1", 128, 1);  // a line more: its bits have grown
  std::ofstream(file, std::ios::app) << "half a li";
  use(settings);
  EXPECT_EQ(result("select * from orders where id = 1", 1'280), "");
  EXPECT_NE(result("select * from orders where id = 1", 12'801), "");
  std::ofstream(file, std::ios::app) << "nonsense\n";
  const auto broken = make_bulk_read(settings);
  ASSERT_FALSE(broken.ok());
  EXPECT_NE(broken.error().message.find("line"), std::string::npos);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace bulwark::database
