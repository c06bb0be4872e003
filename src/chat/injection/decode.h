// Texts hidden in other texts by an encoding: found by their shape, decoded, and kept only if words come out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/injection/normalise.h"

namespace bulwark::chat::injection {

/// Bytes [begin, end) of the raw text say `text`, decoded but not yet folded.
struct Encoded {
  Evasion evasion = Evasion::none;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

/// Appends what is hidden in `raw` to `out`; at most `limit` of them.
void find_encoded(std::string_view raw, std::size_t limit, std::vector<Encoded>& out);

/// The raw text without what was decoded: letters of an encoding are no words.
std::string without(std::string_view raw, std::vector<Encoded> encoded);

/// What a folded text says when it reads better backwards or rotated by 13 letters; at most both.
std::vector<Reading> find_scrambled(std::string_view folded);

}  // namespace bulwark::chat::injection
