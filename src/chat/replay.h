// `bulwark chat replay`: what the guard would say to requests that were recorded, without sending anything anywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <string>
#include <string_view>

#include "gateway/stage.h"

namespace bulwark::chat {

struct ReplayReport {
  std::uint64_t requests = 0;
  std::uint64_t passed = 0;
  std::uint64_t refused = 0;
  std::map<std::string, std::uint64_t> rules;  ///< how many requests each rule spoke up on
};

/// One request a line: a request's body, or {"path", "user", "tenant", "body"}. `print` gets a line for each that is refused or
/// gives a finding: its number, the verdict and the rules, never its text.
ReplayReport replay(const gateway::Stage& stage, std::istream& log, const std::function<void(std::string_view)>& print);

}  // namespace bulwark::chat
