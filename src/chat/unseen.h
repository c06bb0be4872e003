// Characters in a text that people do not see but programs obey: C0 and C1 controls, terminal sequences (ECMA-48), reordering marks
// (UAX #9), tag characters, zero-width and filler characters. What scripts and emoji need (joiners, variation selectors) is none of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bulwark::chat {

enum class UnseenKind : std::uint8_t { control, ansi, bidi, zero_width, tag };

constexpr std::string_view to_string(UnseenKind kind) {
  constexpr std::string_view kNames[] = {"control", "ansi", "bidi", "zero_width", "tag"};
  return kNames[static_cast<std::size_t>(kind)];
}

struct Unseen {
  std::size_t length = 0;  ///< bytes; 0: text[at] can be seen
  UnseenKind kind = UnseenKind::control;
  bool cut = false;  ///< the text ended inside a terminal sequence
};

/// What begins at text[at], which is valid UTF-8. A terminal sequence counts as a whole.
Unseen unseen_at(std::string_view text, std::size_t at);

}  // namespace bulwark::chat
