// What a playbook can do about an incident. An action is one file in actions/, its test beside it, and one line in
// apps/bulwark/actions.cpp. Every action can be undone, and says in words what it did.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "soc/detector.h"

namespace bulwark::soc {

struct ActionRequest {
  const Alert* alert = nullptr;
  std::string incident;  ///< id
  std::string playbook;  ///< name
  std::chrono::seconds ttl{600};
};

/// What was done, and the handle that undoes it.
struct ActionDone {
  std::string summary;  ///< "blocked 203.0.113.9 for 10 min"
  std::string undo_handle;
};

class Action {
 public:
  virtual ~Action() = default;
  virtual std::string_view name() const = 0;  ///< as playbooks name it: "block"
  virtual Result<ActionDone> run(const ActionRequest& request) = 0;
  virtual Result<void> undo(std::string_view undo_handle, std::string_view by) = 0;
};

}  // namespace bulwark::soc
