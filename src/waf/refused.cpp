// What the rules say about requests that are refused anyway. Nothing is blocked here: the edge has answered.
#include <algorithm>

#include "gateway/exchange.h"
#include "waf/policy.h"
#include "waf/raw_request.h"
#include "waf/report.h"
#include "waf/stage.h"
#include "waf/transaction.h"

namespace bulwark::waf {
namespace {

class Refusals final : public gateway::RefusalObserver {
 public:
  Refusals(std::shared_ptr<const RuleSet> rule_set, std::shared_ptr<const Program> program, std::shared_ptr<const Policy> policy,
           Observer observer)
      : rule_set_(std::move(rule_set)), program_(std::move(program)), policy_(std::move(policy)), observer_(std::move(observer)) {}

  void refused(std::string_view raw, gateway::Exchange& exchange) const override {
    const RawRequest request = take_apart(raw);
    const std::string unique_id = exchange.trace.hex();
    Transaction transaction;
    transaction.begin(program_, policy_, &rule_set_->store(), rule_set_->blocklists());
    transaction.set_request({request.method, request.target, request.protocol, request.line}, {exchange.client, {}, unique_id, {}});
    for (const auto& [name, value] : request.headers) transaction.add_request_header(name, value);
    transaction.run_request_headers();
    transaction.run_request_body(request.body);
    transaction.run_logging();
    for (const auto& match : transaction.matches()) exchange.add_finding(make_finding(match, anomaly_score(transaction)));
    if (observer_) observer_(transaction);
  }

 private:
  std::shared_ptr<const RuleSet> rule_set_;
  std::shared_ptr<const Program> program_;
  std::shared_ptr<const Policy> policy_;
  Observer observer_;
};

}  // namespace

Result<std::shared_ptr<const gateway::RefusalObserver>> make_observed_refusals(std::shared_ptr<const RuleSet> rule_set,
                                                                               const RouteSettings& settings, Observer observer) {
  auto program = rule_set->program(settings.rule_set);
  if (!program) return config_error("there is no WAF rule set '" + settings.rule_set + "'");
  RouteSettings watching = settings;
  if (watching.mode == Mode::enforce) watching.mode = Mode::monitor;
  auto policy = TRY(make_policy(*program, watching));
  return std::shared_ptr<const gateway::RefusalObserver>(
      std::make_shared<Refusals>(std::move(rule_set), std::move(program), std::move(policy), std::move(observer)));
}

Result<std::shared_ptr<const gateway::RefusalObserver>> make_refusal_observer(std::shared_ptr<const RuleSet> rule_set,
                                                                              const RouteSettings& settings) {
  return make_observed_refusals(std::move(rule_set), settings, nullptr);
}

}  // namespace bulwark::waf
