// The ways in which an attack is brought before the guard: dressed up, over several turns, or inside what the model is to read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bulwark::chat::redteam {

struct Turn {
  std::string_view role;  ///< "user", "assistant", "tool"; static
  std::string text;
};

/// An attack or an honest prompt; `translations` say the same in other languages.
struct Seed {
  std::string text;
  std::vector<std::string> translations;
};

struct Technique {
  std::string_view name;
  /// The conversations that it makes of a seed; none if it cannot.
  std::vector<std::vector<Turn>> (*make)(const Seed& seed, std::string_view technique);
};

const std::vector<Technique>& techniques();
const std::vector<Seed>& built_in_attacks();
const std::vector<Seed>& honest_prompts();

}  // namespace bulwark::chat::redteam
