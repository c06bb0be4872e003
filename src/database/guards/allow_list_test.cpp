// Learning, monitoring and enforcing what a role runs.
#include "database/guards/allow_list.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "database/parsed_statement.h"

namespace bulwark::database {
namespace {

class AllowListTest : public testing::Test {
 protected:
  AllowListTest() : file_(testing::TempDir() + "allow_list_" + TraceId::random().hex()) {}
  ~AllowListTest() override { std::filesystem::remove(file_); }

  std::shared_ptr<const Guard> open(AllowListMode mode) {
    auto guard = make_allow_list({mode, file_});
    EXPECT_TRUE(guard.ok());
    return *guard;
  }
  Verdict check(const Guard& guard, std::string_view sql, const std::string& role = "app") {
    SessionInfo session;
    session.user = role;
    Statement statement;
    statement.text = sql;
    statement.parsed = *parser_.parse(sql, {});
    statement.session = &session;
    findings_.clear();
    return *guard.check(statement, findings_);
  }

  std::string file_;
  StatementParser parser_;
  std::vector<Finding> findings_;
};

TEST_F(AllowListTest, EnforcesWhatWasLearned) {
  {
    const auto learning = open(AllowListMode::learn);
    EXPECT_EQ(check(*learning, "select * from users where id = 1"), Verdict::pass);
    EXPECT_EQ(check(*learning, "select * from users where id = 2"), Verdict::pass);
  }
  const auto enforcing = open(AllowListMode::enforce);
  EXPECT_EQ(check(*enforcing, "select * from users where id = 77"), Verdict::pass);
  EXPECT_EQ(check(*enforcing, "select * from users where id = 77 or true"), Verdict::deny);
  EXPECT_EQ(findings_.at(0).rule, "database.allow_list");
  EXPECT_EQ(check(*enforcing, "select * from users where id = id"), Verdict::deny);
  EXPECT_EQ(check(*enforcing, "select * from users where id = 77", "other"), Verdict::deny);
}

TEST_F(AllowListTest, MonitoringSaysAndPasses) {
  open(AllowListMode::learn);
  const auto monitoring = open(AllowListMode::monitor);
  EXPECT_EQ(check(*monitoring, "select 1"), Verdict::pass);
  EXPECT_EQ(findings_.size(), 1U);
}

TEST_F(AllowListTest, TheFileIsForPeopleAndHoldsNoLiterals) {
  check(*open(AllowListMode::learn), "select name from users where mail = 'anna@example.org'");
  std::ifstream input(file_);
  std::string line;
  ASSERT_TRUE(std::getline(input, line));
  EXPECT_EQ(line.substr(64), "\tapp\tselect name from users where mail = '?'");
  EXPECT_FALSE(std::getline(input, line));
}

TEST_F(AllowListTest, RefusesAMalformedFile) {
  std::ofstream(file_) << "select 1\n";
  EXPECT_FALSE(make_allow_list({AllowListMode::enforce, file_}).ok());
  EXPECT_FALSE(make_allow_list({AllowListMode::enforce, file_ + ".missing"}).ok());
}

}  // namespace
}  // namespace bulwark::database
