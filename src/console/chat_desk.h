// What the console knows of the chat guard, given by the whole: rooms of planes do not include one another.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::console {

struct ChatDesk {
  /// A JSON object: `budgets`, `confirmations` and, if they are kept, `conversations`. Empty: there is no chat guard.
  std::function<std::string()> status;
  std::function<Result<void>(std::string_view id, bool confirmed, std::string_view by)> decide;
};

}  // namespace bulwark::console
