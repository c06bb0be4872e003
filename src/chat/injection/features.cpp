// Multiplicative hashes over bytes; the kind of feature is mixed in, so that "the" as a word and as letters differ.
#include "chat/injection/features.h"

#include <algorithm>

namespace bulwark::chat::injection {

namespace {

constexpr std::uint32_t kPrime = 0x01000193;
constexpr std::size_t kMaxWord = 40;
constexpr std::size_t kMinLetters = 3;
constexpr std::size_t kMaxLetters = 5;

bool word_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The length of a character at `at` that is a word by itself: scripts that put no blanks between words (Thai, Lao, Burmese, Khmer, kana,
/// Han) and their punctuation; else 0.
std::size_t word_by_itself(std::string_view text, std::size_t at) {
  if (static_cast<unsigned char>(text[at]) < 0xE0 || at + 2 >= text.size()) return 0;
  const auto first = static_cast<unsigned char>(text[at]);
  const auto second = static_cast<unsigned char>(text[at + 1]);
  if (first == 0xE0) return second >= 0xB8 && second <= 0xBB ? 3 : 0;
  if (first == 0xE1) return (second >= 0x80 && second <= 0x82) || second == 0x9E || second == 0x9F ? 3 : 0;
  if (first >= 0xE3 && first <= 0xE9) return 3;
  return first == 0xF0 && second >= 0xA0 && second <= 0xAF && at + 3 < text.size() ? 4 : 0;
}

std::uint32_t mix(std::uint32_t hash) {
  hash ^= hash >> 16;
  hash *= 0x85ebca6b;
  hash ^= hash >> 13;
  hash *= 0xc2b2ae35;
  return hash ^ hash >> 16;
}

std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 0x811c9dc5;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  return hash;
}

}  // namespace

void FeatureSet::clear() {
  for (const std::uint32_t feature : list_) seen_[feature / 64] = 0;
  list_.clear();
}

void FeatureSet::add(std::uint32_t hash) {
  const std::uint32_t feature = mix(hash) >> (32 - kFeatureBits);
  const std::uint64_t bit = std::uint64_t{1} << (feature % 64);
  if (seen_[feature / 64] & bit) return;
  seen_[feature / 64] |= bit;
  list_.push_back(feature);
}

/// Letter runs inside " word ", as the blanks mark where it begins and ends; a letter is a character, however many bytes it has.
void FeatureSet::add_word(std::string_view word) {
  char padded[4 * kMaxWord + 2];
  std::size_t size = std::min(word.size(), 4 * kMaxWord);
  padded[0] = ' ';
  std::copy_n(word.data(), size, padded + 1);
  const bool ascii = std::none_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (ascii) size = std::min(size, kMaxWord);
  padded[size + 1] = ' ';
  if (ascii)
    add_runs<true>(padded, size + 2);
  else
    add_runs<false>(padded, size + 2);
}

/// `kBytes`: every letter is a byte.
template <bool kBytes>
void FeatureSet::add_runs(const char* text, std::size_t size) {
  for (std::size_t at = 0; at < size; ++at) {
    if (!kBytes && continues(text[at])) continue;
    std::uint32_t hash = 0x9747b28c;
    std::size_t end = at;
    for (std::size_t n = 1; n <= kMaxLetters && end < size; ++n) {
      do hash = (hash ^ static_cast<unsigned char>(text[end++])) * kPrime;
      while (!kBytes && end < size && continues(text[end]));
      if (n >= kMinLetters) add(hash + static_cast<std::uint32_t>(n - 1));
    }
  }
}

void FeatureSet::extract(std::string_view folded) {
  clear();
  folded = folded.substr(0, kMaxFeatureBytes);
  std::uint32_t before = 0;
  std::uint32_t before_that = 0;
  for (std::size_t at = 0; at < folded.size();) {
    if (folded[at] == ' ') {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    const std::size_t alone = word_by_itself(folded, at);
    if (alone > 0)
      end = at + alone;
    else if (word_char(folded[at]))
      while (end < folded.size() && word_char(folded[end]) && word_by_itself(folded, end) == 0) ++end;
    const std::string_view word = folded.substr(at, end - at);
    const std::uint32_t hash = hash_of(word);
    add(hash);
    if (before != 0) add(before * 31 + hash);
    if (before_that != 0) {
      add((before_that * 31 + before) * 31 + hash + 7);
      add(before_that * 31 + hash + 99);  // whatever stands between the two
    }
    if (alone == 0 && word_char(word.front())) add_word(word);
    before_that = before;
    before = hash;
    at = end;
  }
}

}  // namespace bulwark::chat::injection
