// What the guard has to say about itself rather than about a request: models that come and go, scores that move, turns that cannot be
// kept. Whoever made the guard turns it into an event.
#pragma once

#include <functional>
#include <string>

#include "events/event.h"

namespace bulwark::chat {

struct Notice {
  events::Severity severity = events::Severity::informational;
  std::string rule;     ///< "chat.model.in_force"
  std::string message;  ///< one sentence for people; never a text that was said
  std::string detail;   ///< a JSON object, or empty
};

/// Called from any thread.
using Tell = std::function<void(const Notice&)>;

}  // namespace bulwark::chat
