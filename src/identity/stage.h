// The identity stage: establishes exchange.principal, enforces what the route requires and what the defenders have ordered
// about this user, tenant or credential, and tells the app who it is.
#pragma once

#include <memory>

#include "control/table.h"
#include "gateway/stage.h"
#include "identity/authenticator.h"
#include "identity/settings.h"

namespace bulwark::identity {

class IdentityStage final : public gateway::Stage {
 public:
  /// `control` may be nullptr: nothing is ordered.
  IdentityStage(std::shared_ptr<Authenticator> authenticator, RouteSettings route, const control::Table* control);

  const gateway::StageInfo& info() const override;
  Result<gateway::Verdict> run(gateway::Phase phase, gateway::Exchange& exchange, std::size_t index) const override;

 private:
  gateway::Verdict refuse(gateway::Exchange& exchange, const Outcome& outcome) const;
  gateway::Verdict admit(gateway::Exchange& exchange) const;
  bool allowed(const trace::Principal& principal) const;
  void tell_the_app(gateway::Exchange& exchange, const Presented& credential) const;

  std::shared_ptr<Authenticator> authenticator_;
  RouteSettings route_;
  const control::Table* control_;
  bool open_;  ///< require: none
};

}  // namespace bulwark::identity
