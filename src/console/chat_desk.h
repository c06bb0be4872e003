// What the console knows of the chat guard, given by the whole: rooms of planes do not include one another.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::console {

struct ChatDesk {
  /// A JSON object: `models`, `drift`, `budgets`, `confirmations` and, if they are kept, `conversations`. Empty: there is no chat guard.
  std::function<std::string()> status;
  std::function<Result<void>(std::string_view id, bool confirmed, std::string_view by)> decide;
  std::function<Result<std::string>(std::string_view person)> turns;  ///< the latest that are kept: an array of `person`, `tenant`, `turn`
  std::function<Result<void>(bool undo, std::string_view by)> roll_back;  ///< the models
  std::function<Result<void>(std::string_view by)> accept_drift;
};

}  // namespace bulwark::console
