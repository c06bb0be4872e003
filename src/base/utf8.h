// UTF-8 as RFC 3629 defines it: shortest forms only, no surrogates, nothing past U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace bulwark {

/// The length (1 to 4) of the valid sequence that `text` begins with, or 0.
std::size_t utf8_sequence_length(std::string_view text);
bool utf8_valid(std::string_view text);

}  // namespace bulwark
