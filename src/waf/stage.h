// The stage with somebody listening: regression tests see each transaction as it ends.
#pragma once

#include <functional>
#include <memory>

#include "waf/rule_set.h"

namespace bulwark::waf {

class Transaction;
using Observer = std::function<void(const Transaction&)>;  ///< on the worker's thread, when a transaction has ended

Result<std::shared_ptr<const gateway::Stage>> make_observed_stage(std::shared_ptr<const RuleSet> rule_set, const RouteSettings& settings,
                                                                  Observer observer);
Result<std::shared_ptr<const gateway::RefusalObserver>> make_observed_refusals(std::shared_ptr<const RuleSet> rule_set,
                                                                               const RouteSettings& settings, Observer observer);

}  // namespace bulwark::waf
