// The request path of each route: which stages run, in which order, and why.
#pragma once

#include <memory>

#include "base/result.h"
#include "bulwark/settings.h"
#include "chat/stage.h"
#include "control/table.h"
#include "gateway/pipeline.h"
#include "identity/authenticator.h"
#include "limits/budgets.h"
#include "waf/rule_set.h"

namespace bulwark::app {

/// What the stages of all routes share; all of it outlives the pipelines.
struct RequestPathParts {
  std::shared_ptr<identity::Authenticator> authenticator;
  std::shared_ptr<limits::Budgets> budgets;
  std::shared_ptr<const waf::RuleSet> rules;  ///< nullptr when no route inspects
  std::shared_ptr<const chat::Guard> chat;
  chat::Guard::FindUpstream upstream;  ///< by name
  const control::Table* control = nullptr;
};

/// Errors, origin config, name the route.
Result<gateway::Pipeline> request_path(const RouteSettings& route, const RequestPathParts& parts);

}  // namespace bulwark::app
