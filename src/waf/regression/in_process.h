// Runs regression tests against a program without any network: quick, and the first place to look when one fails.
#pragma once

#include <memory>
#include <string>

#include "waf/policy.h"
#include "waf/regression/suite.h"
#include "waf/transaction.h"

namespace bulwark::waf::regression {

/// Matches as lines of the reference's log: `[id "942100"] [msg "…"] [data "…"] [severity "CRITICAL"] [tag "…"]`.
std::string log_lines(const std::vector<Match>& matches);

class InProcess {
 public:
  InProcess(std::shared_ptr<const Program> program, std::shared_ptr<const Policy> policy)
      : program_(std::move(program)), policy_(std::move(policy)) {}
  Observation run(const Input& input);

 private:
  std::shared_ptr<const Program> program_;
  std::shared_ptr<const Policy> policy_;
  PersistentStore store_;
  Transaction transaction_;
};

}  // namespace bulwark::waf::regression
