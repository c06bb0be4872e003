// What the tests of guards that follow results have in common: a statement of a role, run with a result of so many rows.
#pragma once

#include "database/examiner.h"
#include "database/followed_result.h"
#include "database/guards/policy_guards_test.h"

namespace bulwark::database {

class FollowedResultTest : public PolicyGuardTest {
 protected:
  /// nullptr: the guard does not follow it.
  std::unique_ptr<FollowedResult> follow(std::string_view sql, const std::string& role = "app") {
    session_.user = role;
    record_ = {};
    const auto parsed = parser_.parse(sql, {});
    EXPECT_TRUE(parsed.ok()) << sql;
    record_.facts = (*parsed)->shared_facts();
    record_.command = record_.facts->commands.front();
    record_.fingerprint = record_.facts->fingerprint;
    record_.request = request_;
    return FollowedResult::of(std::span(&guard_, 1), {record_, session_});
  }
  /// The finding's sentence about a result of so many rows, or empty.
  std::string result(std::string_view sql, std::uint64_t rows, const std::string& role = "app") {
    const auto followed = follow(sql, role);
    if (followed == nullptr) return {};
    for (std::uint64_t i = 0; i < rows && followed->denial() == nullptr; ++i) followed->row();
    followed->complete();
    return followed->findings().empty() ? std::string() : followed->findings().front().message;
  }

  StatementRecord record_;
  std::shared_ptr<const trace::Context> request_;
};

}  // namespace bulwark::database
