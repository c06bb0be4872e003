// What one route asks of the rules: how strict, in which mode, and which rules or fields are left out there.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "waf/compiler/program.h"

namespace bulwark::waf {

/// An exclusion of the configuration, resolved against a program.
struct Exclusion {
  Control control;       ///< remove_rules or remove_targets
  WallTime expires = 0;  ///< 0: never
};

struct Policy {
  Engine engine = Engine::on;
  std::vector<std::pair<std::string, std::string>> tx;  ///< set before phase 1: paranoia level, thresholds
  std::vector<Exclusion> exclusions;
  bool deny_when_budget_is_spent = true;
};

}  // namespace bulwark::waf
