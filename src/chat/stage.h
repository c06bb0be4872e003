// The chat guard on the request path: what a client says to the model is checked and stripped of personal data; what the model
// answers gets it back. One object per route.
#pragma once

#include <memory>

#include "base/result.h"
#include "chat/settings.h"
#include "gateway/stage.h"

namespace bulwark::chat {

/// What the routes share: the key that surrogates are drawn from, and the models.
class Guard {
 public:
  /// Errors: origin config.
  static Result<std::shared_ptr<const Guard>> create(const Settings& settings);
  virtual ~Guard() = default;

  /// The stage of one route. Errors: origin config.
  virtual Result<std::shared_ptr<const gateway::Stage>> stage(const RouteSettings& settings) const = 0;
};

}  // namespace bulwark::chat
