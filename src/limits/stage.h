// The limits stage: a route's rates and concurrency, and the throttles that defenders have ordered. Refuses with 429, saying
// when to come back (draft-ietf-httpapi-ratelimit-headers-10).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/rate_table.h"
#include "control/table.h"
#include "gateway/stage.h"
#include "limits/budgets.h"
#include "limits/settings.h"

namespace bulwark::limits {

/// What a throttled actor keeps: enough to go on, too little to do harm.
constexpr Rate kThrottled{std::chrono::seconds(1), 5};

class LimitStage final : public gateway::Stage {
 public:
  /// `control` may be nullptr: nobody is throttled.
  LimitStage(std::string_view route, RouteSettings settings, std::shared_ptr<Budgets> budgets, const control::Table* control);

  const gateway::StageInfo& info() const override;
  Result<gateway::Verdict> run(gateway::Phase phase, gateway::Exchange& exchange, std::size_t index) const override;

 private:
  struct Limit {
    RateSettings settings;
    Rate rate;
    std::uint64_t salt;  ///< tells the keys of this limit from those of others
    std::string policy;  ///< its item in RateLimit-Policy
  };
  bool throttle(gateway::Exchange& exchange) const;
  bool take(const Limit& limit, gateway::Exchange& exchange) const;
  void refuse(const Limit& limit, const RateAnswer& answer, gateway::Exchange& exchange) const;
  void meter_body(const Limit& limit, std::uint64_t key, gateway::Exchange& exchange) const;
  bool enter(gateway::Exchange& exchange, std::size_t index) const;
  std::uint64_t key_of(By by, std::uint64_t salt, const gateway::Exchange& exchange) const;

  std::vector<Limit> limits_;
  std::int64_t max_concurrent_;
  bool announce_;
  std::uint64_t concurrency_salt_;
  std::shared_ptr<Budgets> budgets_;
  const control::Table* control_;
};

}  // namespace bulwark::limits
