// Finds the first of many phrases in one pass, whatever the case (Aho and Corasick, 1975): a table automaton over the classes of
// bytes that the phrases tell apart.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulwark::waf {

class AhoCorasick {
 public:
  /// Error, origin config: the phrases make more than kMaxStates states. Empty phrases are left out.
  static Result<AhoCorasick> build(const std::vector<std::string>& phrases);

  struct Found {
    std::size_t begin = 0;
    std::size_t end = 0;
    explicit operator bool() const { return end > begin; }
  };
  /// The phrase that ends first in `text`, the longest of those that end there; nothing found is an empty span.
  Found find_first(std::string_view text) const;

  static constexpr std::size_t kMaxStates = 4'000'000;

 private:
  AhoCorasick() = default;
  void add(std::string_view phrase);
  void link();

  std::array<std::uint8_t, 256> class_of_{};  ///< 0: no phrase has this byte
  std::size_t classes_ = 1;
  std::vector<std::uint32_t> next_;     ///< state * classes_ + class
  std::vector<std::uint32_t> longest_;  ///< by state: length of the longest phrase that ends here, 0 if none
};

}  // namespace bulwark::waf
