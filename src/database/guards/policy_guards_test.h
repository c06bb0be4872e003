// What the tests of the guards that people write rules for have in common: a statement of a role, checked by one guard.
#pragma once

#include <gtest/gtest.h>

#include "database/guard.h"
#include "database/parsed_statement.h"

namespace bulwark::database {

class PolicyGuardTest : public testing::Test {
 protected:
  /// The finding's sentence, or empty: it passed.
  std::string denied(std::string_view sql, const std::string& role = "app") {
    session_.user = role;
    statement_.text = sql;
    const auto parsed = parser_.parse(sql, {});
    EXPECT_TRUE(parsed.ok()) << sql;
    if (!parsed.ok()) return "unparsable";
    statement_.parsed = *parsed;
    statement_.session = &session_;
    findings_.clear();
    const auto verdict = guard_->check(statement_, findings_);
    EXPECT_TRUE(verdict.ok());
    verdict_ = *verdict;
    EXPECT_TRUE(monitoring_ || findings_.empty() == (verdict_ == Verdict::pass)) << sql;
    return findings_.empty() ? std::string() : findings_.front().message;
  }
  bool passes(std::string_view sql, const std::string& role = "app") { return denied(sql, role).empty(); }

  std::shared_ptr<const Guard> guard_;
  bool monitoring_ = false;
  StatementParser parser_;
  SessionInfo session_;
  Statement statement_;
  std::vector<Finding> findings_;
  Verdict verdict_ = Verdict::pass;
};

}  // namespace bulwark::database
