// Which byte values occur: what the prefilter, the transformations and the operators say of values without looking at them again.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bulwark::waf {

/// A set of byte values.
struct ByteSet {
  std::array<std::uint64_t, 4> words{};

  constexpr void add(unsigned char c) { words[c >> 6] |= 1ULL << (c & 63); }
  constexpr void add_all(std::string_view all) {
    for (const char c : all) add(static_cast<unsigned char>(c));
  }
  constexpr void add_range(unsigned char low, unsigned char high) {
    for (unsigned c = low; c <= high; ++c) add(static_cast<unsigned char>(c));
  }
  constexpr bool has(unsigned char c) const { return (words[c >> 6] >> (c & 63)) & 1; }
  constexpr bool meets(const ByteSet& other) const {
    return ((words[0] & other.words[0]) | (words[1] & other.words[1]) | (words[2] & other.words[2]) | (words[3] & other.words[3])) != 0;
  }
  constexpr void unite(const ByteSet& other) {
    for (int i = 0; i < 4; ++i) words[i] |= other.words[i];
  }
  constexpr void invert() {
    for (auto& word : words) word = ~word;
  }
  int count() const {
    int total = 0;
    for (const auto word : words) total += __builtin_popcountll(word);
    return total;
  }
  bool operator==(const ByteSet&) const = default;
};

}  // namespace bulwark::waf
