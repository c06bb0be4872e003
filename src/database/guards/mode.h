// What a guard's mode makes of a finding.
#pragma once

#include <vector>

#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::database {

/// Records the finding and says what follows: a denial when enforcing; otherwise the statement passes and the event is an alert.
inline Verdict judged(GuardMode mode, std::vector<Finding>& findings, Finding finding) {
  findings.push_back(std::move(finding));
  return mode == GuardMode::enforce ? Verdict::deny : Verdict::pass;
}

}  // namespace bulwark::database
