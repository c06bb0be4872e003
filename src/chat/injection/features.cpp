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

/// Letter runs inside " word ", as the blanks mark where it begins and ends.
void FeatureSet::add_word(std::string_view word) {
  char padded[kMaxWord + 2];
  const std::size_t size = std::min(word.size(), kMaxWord);
  padded[0] = padded[size + 1] = ' ';
  std::copy_n(word.data(), size, padded + 1);
  for (std::size_t at = 0; at + kMinLetters <= size + 2; ++at) {
    std::uint32_t hash = 0x9747b28c;
    const std::size_t most = std::min(kMaxLetters, size + 2 - at);
    for (std::size_t n = 0; n < most; ++n) {
      hash = (hash ^ static_cast<unsigned char>(padded[at + n])) * kPrime;
      if (n + 1 >= kMinLetters) add(hash + static_cast<std::uint32_t>(n));
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
    if (word_char(folded[at]))
      while (end < folded.size() && word_char(folded[end])) ++end;
    const std::string_view word = folded.substr(at, end - at);
    const std::uint32_t hash = hash_of(word);
    add(hash);
    if (before != 0) add(before * 31 + hash);
    if (before_that != 0) {
      add((before_that * 31 + before) * 31 + hash + 7);
      add(before_that * 31 + hash + 99);  // whatever stands between the two
    }
    if (word_char(word.front())) add_word(word);
    before_that = before;
    before = hash;
    at = end;
  }
}

}  // namespace bulwark::chat::injection
