// Labels the words of a text that name a person, an organisation, a place, an address, a date, an age or a group of people: a linear
// model over hashed features, decoded from left to right. Words in small letters are looked at only if a list of names knows them, if
// no list of ordinary words does, or if the word before was labelled, so that prose costs little and is seldom taken for a name.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "chat/pii/kind.h"
#include "chat/pii/words.h"

namespace bulwark::chat::pii {

inline constexpr std::size_t kLabels = 8;  ///< 0: none; then the kinds from Kind::person on
inline constexpr unsigned kTagBits = 18;
inline constexpr unsigned kNameBits = 19;
inline constexpr std::size_t kMaxTagFeatures = 24;

using LabelScores = std::array<std::int32_t, kLabels>;

constexpr Kind kind_of(std::size_t label) { return static_cast<Kind>(static_cast<std::size_t>(Kind::person) + label - 1); }

/// A set of words by their hash: may say yes to a word that is not in it.
class NameSet {
 public:
  explicit NameSet(std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>((std::size_t{1} << kNameBits) / 8))
      : bytes_(std::move(bytes)) {}
  void add(std::uint32_t hash) { bytes_[slot(hash) / 8] = static_cast<std::uint8_t>(bytes_[slot(hash) / 8] | 1U << slot(hash) % 8); }
  bool has(std::uint32_t hash) const { return (bytes_[slot(hash) / 8] >> slot(hash) % 8 & 1U) != 0; }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  static std::size_t slot(std::uint32_t hash) { return (hash * 0x9E3779B1U) >> (32 - kNameBits); }
  std::vector<std::uint8_t> bytes_;
};

struct TaggerModel {
  std::string name;
  NameSet people;
  NameSet places;
  NameSet ordinary;                                       ///< words that are written small as a rule: one that is on no list may be a name
  std::array<std::int32_t, kLabels> margins{};            ///< subtracted from the label's score: above 0 finds less of it
  std::vector<std::array<std::int8_t, kLabels>> weights;  ///< 2^kTagBits rows
};

/// The features of one word, given the labels of the two before it.
struct TagFeatures {
  std::array<std::uint32_t, kMaxTagFeatures> rows;
  std::size_t count = 0;
};
TagFeatures features_at(const std::vector<Word>& words, std::size_t at, std::uint8_t before, std::uint8_t before_that,
                        const TaggerModel& names);

/// Whether the word at `at` is looked at at all.
bool is_candidate(const std::vector<Word>& words, std::size_t at, std::uint8_t before, const TaggerModel& names);

/// Labels every word; `labels` is replaced.
void label_words(const TaggerModel& model, std::string_view text, const std::vector<Word>& words, std::vector<std::uint8_t>& labels);

/// Appends the spans of the wanted kinds, in order.
void tag(const TaggerModel& model, std::string_view text, const KindSet& wanted, std::vector<Span>& out);

}  // namespace bulwark::chat::pii
