// Tells, for one value, which operators could match it at all: one pass over the value with a Hyperscan database of all
// required literals, plus the set of bytes that occur in it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "waf/prefilter/requirement.h"

namespace bulwark::waf {

/// What one scan learned of a value.
struct Traits {
  std::size_t longest = 0;                    ///< bytes; of several values joined, of the longest
  ByteSet bytes;                              ///< occur in it
  std::span<const std::uint64_t> candidates;  ///< a bit per operator with literals
};

class Prefilter {
 public:
  /// `requirements[i]` is operator i's. `cache_directory` keeps compiled databases by content hash; empty: no cache.
  static Result<std::shared_ptr<const Prefilter>> build(std::vector<Requirement> requirements, const std::string& cache_directory);
  ~Prefilter();

  std::size_t words() const { return words_; }  ///< of Traits::candidates

  /// Sets the bits of all operators one of whose literals occurs in `value`; `bits` holds words() zeros.
  void scan(std::string_view value, std::uint64_t* bits) const;

  static constexpr std::size_t kShort = 112;
  /// The same for a value of at most kShort bytes, with the bytes that occur in it. Such values come again and again (header
  /// fields, names): each thread remembers what it found in the latest of them.
  void scan_short(std::string_view value, ByteSet& present, std::uint64_t* bits) const;

  /// False: operator `index` cannot match any value with these traits.
  bool possible(std::uint32_t index, const Traits& traits) const {
    return possible(index, traits.longest, traits.bytes, traits.candidates.data());
  }
  bool possible(std::uint32_t index, std::size_t longest, const ByteSet& bytes, const std::uint64_t* candidates) const {
    const Gate& gate = gates_[index];
    if (gate.has_literals && !((candidates[index >> 6] >> (index & 63)) & 1) && !bytes.meets(gate.instead)) return false;
    if (longest < gate.min_length) return false;
    for (std::uint8_t i = 0; i < gate.set_count; ++i)
      if (!bytes.meets(gate.sets[i])) return false;
    return true;
  }

 private:
  struct Gate {
    std::size_t min_length = 0;
    bool has_literals = false;
    ByteSet instead;
    std::uint8_t set_count = 0;
    ByteSet sets[Requirement::kMaxByteSets];
  };
  struct Database;
  Prefilter();

  std::uint64_t serial_;  ///< no other prefilter of this process has or had it
  std::vector<Gate> gates_;
  std::size_t words_ = 0;
  std::unique_ptr<Database> database_;
};

}  // namespace bulwark::waf
