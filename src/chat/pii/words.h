// Cuts text into the words, numbers and signs that the tagger labels, each with what the tagger looks at: a hash of its lower-case
// form, its shape, its first and last letters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bulwark::chat::pii {

enum class Shape : std::uint8_t {
  lower,
  title,
  upper,
  mixed,
  caseless,  ///< of a script that has no capitals
  digit,
  two_digits,
  four_digits,
  digits,
  letters_and_digits,
  sign,
  line_end,
  none
};

struct Word {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t hash = 0;    ///< of the whole word in lower case
  std::uint32_t prefix = 0;  ///< of its first three bytes
  std::uint32_t suffix = 0;  ///< of its last three bytes
  Shape shape = Shape::none;
};

inline constexpr std::size_t kMaxWords = 1 << 20;
inline constexpr std::size_t kMaxWordBytes = 48;

/// Replaces `out` by the words of the text, in order: runs of letters, runs of digits, single signs, line ends. "O'Brien" is one word,
/// the end of "Ann's" a sign and a word. Longer words than kMaxWordBytes are cut.
void split_words(std::string_view text, std::vector<Word>& out);

/// The hash of a word as split_words() makes it.
std::uint32_t word_hash(std::string_view word);

}  // namespace bulwark::chat::pii
