// Labelled texts to train and measure the guards on: one JSON object a line, as described in docs/operating/chat.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::chat::training {

struct Example {
  std::string source;  ///< the set it comes from
  std::string group;   ///< a part of the set
  bool attack = false;
  bool indirect = false;  ///< arrived as data: retrieved text, tool result
  std::string text;
  std::size_t line = 0;  ///< in its file, from 1
};

inline constexpr std::size_t kMaxExamples = 1'000'000;
inline constexpr std::size_t kMaxLineBytes = 4 * 1024 * 1024;

/// Reads lines {"src", "sub", "label": 0|1, "chan": "direct"|"indirect", "text"}. Errors: origin config, with the line.
Result<std::vector<Example>> load_examples(const std::string& path);

/// The texts of instructions inside attacked documents of BIPIA's kind: lines that stand in an attack but in no clean document.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace bulwark::chat::training
