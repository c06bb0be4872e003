// The tables, made searchable once: words by open addressing, fingerprints packed into sorted integers.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "waf/operators/sqli/detector.h"
#include "waf/operators/sqli/tables.h"
#include "waf/operators/sqli/token.h"
#include "waf/transforms/ascii.h"

namespace bulwark::waf::sqli {
namespace {

constexpr std::size_t kSlots = 4096;  ///< over four times the words, so that a miss ends soon
constexpr std::size_t kStride = kMaxFingerprint;

std::size_t slot_of(std::string_view word) {
  std::uint32_t hash = 2166136261u;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(upper(c))) * 16777619u;
  return (hash ^ hash >> 15) % kSlots;
}

class Words {
 public:
  Words() {
    for (const WordClass& group : kWordClasses) {
      for (std::string_view rest = group.words; !rest.empty();) {
        const std::size_t end = rest.find('\t');
        insert(rest.substr(0, end), group.type);
        rest.remove_prefix(end + 1);
      }
    }
  }

  WordFacts facts_of(std::string_view word) const {
    if (word.empty() || word.size() > kMaxTokenText) return {};
    return slots_[slot_for(word)].facts;
  }

 private:
  struct Entry {
    std::string_view word;
    WordFacts facts;
  };

  /// Where the word is, or the empty slot where it would go.
  std::size_t slot_for(std::string_view word) const {
    std::size_t slot = slot_of(word);
    while (!slots_[slot].word.empty() && !equals_ignoring_case(slots_[slot].word, word)) slot = (slot + 1) % kSlots;
    return slot;
  }

  void insert(std::string_view word, char type) {
    Entry& entry = slots_[slot_for(word)];
    entry.word = word;
    entry.facts.type = type;
    for (std::size_t space = word.find(' '); space != std::string_view::npos; space = word.find(' ', space + 1)) {
      Entry& beginning = slots_[slot_for(word.substr(0, space))];
      beginning.word = word.substr(0, space);
      beginning.facts.begins_phrase = true;
    }
  }

  std::array<Entry, kSlots> slots_;
};

/// Six bits a type are enough: the types are ASCII between '!' and '}', upper case only.
std::uint32_t packed(std::string_view types) {
  std::uint32_t code = 0;
  for (const char type : types) {
    const char c = upper(type);
    code = code << 6 | static_cast<std::uint32_t>((c >= '{' ? c - 32 : c) & 0x3f);
  }
  return code << 6 * (kStride - types.size());
}

class FingerprintSet {
 public:
  FingerprintSet() {
    for (std::size_t at = 0; at < kFingerprints.size(); at += kStride) {
      const std::string_view padded = kFingerprints.substr(at, kStride);
      codes_.push_back(packed(padded.substr(0, padded.find(' '))));
    }
    std::sort(codes_.begin(), codes_.end());
  }
  bool contains(std::string_view types) const { return std::binary_search(codes_.begin(), codes_.end(), packed(types)); }

 private:
  std::vector<std::uint32_t> codes_;
};

}  // namespace

WordFacts word_facts(std::string_view word) {
  static const Words words;
  return words.facts_of(word);
}

bool is_known_fingerprint(std::string_view types) {
  static const FingerprintSet fingerprints;
  return !types.empty() && types.size() <= kMaxFingerprint && fingerprints.contains(types);
}

}  // namespace bulwark::waf::sqli
