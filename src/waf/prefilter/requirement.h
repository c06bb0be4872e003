// What a value must contain before a pattern can match it at all. Derived from the pattern's own syntax tree, so it is never
// stricter than the pattern: a construct that is not understood yields no requirement.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "waf/prefilter/byte_set.h"

namespace bulwark::waf {

/// All parts hold for every match, under ASCII case folding of `literals`.
struct Requirement {
  static constexpr std::size_t kMaxLiterals = 4096;
  static constexpr std::size_t kMaxByteSets = 3;

  std::size_t min_length = 0;
  std::vector<std::string> literals;  ///< lower case; at least one is contained, or a byte of `instead`; empty: nothing known
  ByteSet instead;                    ///< of branches that have no literal but need one of a few rare bytes
  std::vector<ByteSet> byte_sets;     ///< of each, at least one byte is contained

  bool trivial() const { return min_length == 0 && literals.empty() && byte_sets.empty(); }
};

/// Of a PCRE pattern as `rx` compiles it (not UTF, case-sensitive unless the pattern says otherwise).
Requirement requirement_of(std::string_view pattern);

}  // namespace bulwark::waf
