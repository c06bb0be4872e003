// What the linear models see of a folded text: hashed words, pairs and triples of words, pairs with
// one word between them, and letters in runs of three to five. In scripts without blanks every character is a word.
// Each feature counts once, however often it stands there, so that repetition neither hides nor feigns an attack.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace bulwark::chat::injection {

inline constexpr unsigned kFeatureBits = 20;
inline constexpr std::size_t kFeatures = std::size_t{1} << kFeatureBits;

/// Bytes of a folded text that are looked at; a guard scores a longer one in windows.
inline constexpr std::size_t kMaxFeatureBytes = 16 * 1024;

/// Collects distinct feature numbers; reused from text to text, so that the hot path does not allocate.
class FeatureSet {
 public:
  FeatureSet() : seen_(kFeatures / 64) {}
  /// Replaces what is held by the features of `folded` (see fold()).
  void extract(std::string_view folded);
  const std::vector<std::uint32_t>& list() const { return list_; }

 private:
  void clear();
  void add(std::uint32_t hash);
  void add_word(std::string_view word);
  template <bool kBytes>
  void add_runs(const char* text, std::size_t size);

  std::vector<std::uint64_t> seen_;
  std::vector<std::uint32_t> list_;
};

}  // namespace bulwark::chat::injection
