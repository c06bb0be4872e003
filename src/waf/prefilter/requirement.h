// What a value must contain before a pattern can match it at all. Derived from the pattern's own syntax tree, so it is never
// stricter than the pattern: a construct that is not understood yields no requirement.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulwark::waf {

/// A set of byte values.
struct ByteSet {
  std::array<std::uint64_t, 4> words{};

  void add(unsigned char c) { words[c >> 6] |= 1ULL << (c & 63); }
  bool has(unsigned char c) const { return (words[c >> 6] >> (c & 63)) & 1; }
  bool meets(const ByteSet& other) const {
    return ((words[0] & other.words[0]) | (words[1] & other.words[1]) | (words[2] & other.words[2]) | (words[3] & other.words[3])) != 0;
  }
  void unite(const ByteSet& other) {
    for (int i = 0; i < 4; ++i) words[i] |= other.words[i];
  }
  void invert() {
    for (auto& word : words) word = ~word;
  }
  int count() const {
    int total = 0;
    for (const auto word : words) total += __builtin_popcountll(word);
    return total;
  }
  bool operator==(const ByteSet&) const = default;
};

/// All parts hold for every match, under ASCII case folding of `literals`.
struct Requirement {
  static constexpr std::size_t kMaxLiterals = 4096;
  static constexpr std::size_t kMaxByteSets = 3;

  std::size_t min_length = 0;
  std::vector<std::string> literals;  ///< lower case; at least one is contained; empty: nothing known
  std::vector<ByteSet> byte_sets;     ///< of each, at least one byte is contained

  bool trivial() const { return min_length == 0 && literals.empty() && byte_sets.empty(); }
};

/// Of a PCRE pattern as `rx` compiles it (not UTF, case-sensitive unless the pattern says otherwise).
Requirement requirement_of(std::string_view pattern);

}  // namespace bulwark::waf
