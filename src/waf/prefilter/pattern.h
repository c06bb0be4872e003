// The syntax tree of a PCRE pattern, as far as the prefilter needs it: what is consumed, in which order, how often at least.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "waf/prefilter/requirement.h"

namespace bulwark::waf {

struct PatternNode {
  enum class Kind : std::uint8_t {
    bytes,  ///< one byte of `set`
    sequence,
    choice,
    repeat,   ///< of children[0], at least `least` and at most `most` times
    nothing,  ///< consumes nothing or is not understood in detail: an assertion, a back reference that may be empty
  };
  Kind kind = Kind::nothing;
  ByteSet set;
  std::uint32_t least = 0;
  std::uint32_t most = 0;
  std::vector<PatternNode> children;
};

/// nullopt: the pattern uses something that this parser does not know; nothing may be concluded from it.
std::optional<PatternNode> parse_pattern(std::string_view pattern);

}  // namespace bulwark::waf
