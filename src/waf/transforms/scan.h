// Finds the first byte of interest, 16 at a time. Every transformation begins with this question, and for nearly every value the
// answer is "none": the vectors are GNU ones, so that each machine gets its own instructions.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace bulwark::waf {

using ByteLanes = std::uint8_t __attribute__((vector_size(16)));
using LaneMask = std::int8_t __attribute__((vector_size(16)));

namespace detail {
/// Index of the first lane that is set, or 16.
inline std::size_t first_lane(LaneMask mask) {
  std::uint64_t halves[2];
  std::memcpy(halves, &mask, sizeof(halves));
  if (halves[0] != 0) return static_cast<std::size_t>(std::countr_zero(halves[0])) / 8;
  if (halves[1] != 0) return 8 + static_cast<std::size_t>(std::countr_zero(halves[1])) / 8;
  return 16;
}
}  // namespace detail

/// The first position at or after `from` where `test`, applied to 16 bytes at once, says yes; npos if there is none.
template <class Test>
std::size_t find_lane(std::string_view text, Test test, std::size_t from = 0) {
  static_assert(std::endian::native == std::endian::little);
  ByteLanes lanes;
  for (; from + 16 <= text.size(); from += 16) {
    std::memcpy(&lanes, text.data() + from, 16);
    const std::size_t lane = detail::first_lane(test(lanes));
    if (lane < 16) return from + lane;
  }
  if (from >= text.size()) return std::string_view::npos;
  lanes = ByteLanes{};
  std::memcpy(&lanes, text.data() + from, text.size() - from);
  const std::size_t found = from + detail::first_lane(test(lanes));
  return found < text.size() ? found : std::string_view::npos;
}

/// The first of any of the given bytes.
template <unsigned char... kBytes>
std::size_t find_any(std::string_view text, std::size_t from = 0) {
  return find_lane(
      text, [](ByteLanes lanes) { return (... | (lanes == static_cast<std::uint8_t>(kBytes))); }, from);
}

/// Lanes within [low, high], by wrapping subtraction.
template <unsigned char kLow, unsigned char kHigh>
LaneMask lanes_within(ByteLanes lanes) {
  return (lanes - kLow) <= static_cast<std::uint8_t>(kHigh - kLow);
}

inline LaneMask lanes_of_space(ByteLanes lanes) { return lanes_within<'\t', '\r'>(lanes) | (lanes == ' '); }

}  // namespace bulwark::waf
