// The visible list of the request path. A new stage is one file and one line here that says why it stands at this place.
// Whether a source address is blocked was asked by the edge before any of these.
#include "bulwark/request_path.h"

#include "api/response_hardening.h"
#include "identity/stage.h"
#include "limits/stage.h"

namespace bulwark::app {

Result<gateway::Pipeline> request_path(const RouteSettings& route, const RequestPathParts& parts) {
  std::vector<std::shared_ptr<const gateway::Stage>> stages;

  // Who: before everything that counts or decides by user, tenant or role. Cheap to refuse, and a revoked user gets no further.
  stages.push_back(std::make_shared<identity::IdentityStage>(parts.authenticator, route.identity, parts.control));

  // How much: after identity, so that limits can go by user or tenant; before inspection, so that a flood cannot buy it.
  stages.push_back(std::make_shared<limits::LimitStage>(route_id(route), route.rate_limits, parts.budgets, parts.control));

  // Attacks on the app: sees the request as the client sent it, before the chat guard rewrites bodies.
  if (const auto waf = waf_of(route)) stages.push_back(TRY(waf::make_stage(parts.rules, *waf)));

  // Talk with a model: last to touch the request, so that what leaves is what it made of it; first to touch the answer.
  if (route.chat) stages.push_back(TRY(parts.chat->stage(*route.chat, parts.upstream)));

  // The answer's headers: whatever produced the answer, it leaves hardened.
  if (route.hardening.enabled) stages.push_back(api::make_response_hardening(route.hardening));

  // New stages go above this line
  return gateway::Pipeline(std::move(stages));
}

}  // namespace bulwark::app
