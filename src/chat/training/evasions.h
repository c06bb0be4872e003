// The ways attackers dress a prompt so that a guard does not recognise it: for measuring the detector and for red-teaming a
// running guard. Each keeps the meaning for a model that reads it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bulwark::chat::training {

enum class Dress : std::uint8_t {
  homoglyph,
  zero_width,
  tags,
  base64,
  hex,
  full_width,
  spaced,
  rot13,
  reversed,
  hyphen_split,
  typo,
  leet,
  token_split,
};
inline constexpr std::array<std::string_view, 13> kDressNames = {"homoglyph",  "zero_width", "tags",       "base64",   "hex",
                                                                 "full_width", "spaced",     "rot13",      "reversed", "hyphen_split",
                                                                 "typo",       "leet",       "token_split"};

/// Deterministic for a text and a seed.
std::string dress(std::string_view text, Dress how, std::uint32_t seed = 1);

}  // namespace bulwark::chat::training
