// Which models clients may name, where each is, and who takes its place when it does not answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"

namespace bulwark::chat {

struct ModelSettings {
  std::string name;      ///< as clients say it; "*" at the end stands for any rest
  std::string upstream;  ///< empty: the route's
  config::Secret api_key;
  std::string as;                     ///< as the upstream calls it; empty: the same
  std::vector<std::string> roles;     ///< whoever has one of them; empty: everybody
  std::int64_t retries = 1;           ///< of the same model, before the first byte has left
  std::vector<std::string> fallback;  ///< names of this list, tried in this order
};

void describe(config::Object<ModelSettings>& object);

/// Empty, or what is wrong with the list: a name twice, a fallback that is not in it.
std::string models_problem(const std::vector<ModelSettings>& models);

}  // namespace bulwark::chat
