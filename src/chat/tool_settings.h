// Which tools a model may call for whom, and with what.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "chat/mode.h"

namespace bulwark::chat {

struct ToolSettings {
  std::string name;                ///< "send_mail"; "*" at the end stands for any rest
  std::vector<std::string> roles;  ///< whoever has one of them; empty: everybody
  std::string schema;              ///< of the arguments, as JSON text; empty: any
  Mode untrusted = Mode::monitor;  ///< arguments that come from data and not from the user
  bool confirm = false;            ///< a person must say yes to each call
};

struct ToolPolicySettings {
  Mode mode = Mode::block;  ///< what happens to a call that is against the policy; off: no call is looked at
  Mode unlisted = Mode::block;
  std::vector<ToolSettings> list;  ///< empty: every tool for everybody
  std::chrono::milliseconds confirm_within{std::chrono::minutes(2)};
};

void describe(config::Object<ToolSettings>& object);
void describe(config::Object<ToolPolicySettings>& object);

}  // namespace bulwark::chat
