// Texts hidden in other texts by an encoding: found by their shape, decoded, and kept only if words come out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chat/injection/normalise.h"

namespace bulwark::chat::injection {

/// Appends to `out` what is hidden in `raw`, decoded but not yet folded; at most `limit` of them.
void find_encoded(std::string_view raw, std::size_t limit, std::vector<Reading>& out);

/// A folded text that reads better backwards or rotated by 13 letters: that reading is appended.
void find_scrambled(std::string_view folded, std::vector<Reading>& out);

}  // namespace bulwark::chat::injection
