// What the guard @name@ lets pass and what it denies.
#include "database/guards/@name@.h"

#include <gtest/gtest.h>

namespace bulwark::database {
namespace {

TEST(@Name@, LetsAnOrdinaryStatementPass) {
  Statement statement;
  statement.text = "select 1";
  std::vector<Finding> findings;
  auto verdict = make_@name@()->check(statement, findings);
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(*verdict, Verdict::pass);
  EXPECT_TRUE(findings.empty());
}

}  // namespace
}  // namespace bulwark::database
