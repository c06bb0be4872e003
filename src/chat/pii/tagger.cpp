// Scores are sums of signed bytes, eight labels at a time: one row of eight bytes for each feature.
#include "chat/pii/tagger.h"

#include <algorithm>

namespace bulwark::chat::pii {

namespace {

std::uint32_t row_of(std::uint32_t number, std::uint32_t a, std::uint32_t b = 0) {
  std::uint32_t hash = (a + number * 0x9E3779B1U) ^ (b * 0x85EBCA6BU + number);
  hash ^= hash >> 15;
  hash *= 0x2C1B3C6DU;
  return hash >> (32 - kTagBits);
}

constexpr Word kOutside{};

const Word& word_at(const std::vector<Word>& words, std::size_t at, std::ptrdiff_t offset) {
  const auto index = static_cast<std::ptrdiff_t>(at) + offset;
  return index < 0 || index >= static_cast<std::ptrdiff_t>(words.size()) ? kOutside : words[static_cast<std::size_t>(index)];
}

std::uint32_t shape(const Word& word) { return static_cast<std::uint32_t>(word.shape); }

constexpr std::uint32_t kOrdinary = 4;

/// Which lists have the word: of people, of places, of ordinary words. Three bits.
std::uint32_t listed(const Word& word, const TaggerModel& names) {
  if (word.shape >= Shape::digit) return 0;
  return (names.people.has(word.hash) ? 1U : 0U) | (names.places.has(word.hash) ? 2U : 0U) |
         (names.ordinary.has(word.hash) ? kOrdinary : 0U);
}

constexpr std::size_t kShortestUnknown = 3;  // shorter words in small letters are on no list and yet no names

/// A sign inside a name or a number counts only between labelled words of the same kind.
void clear_loose_signs(const std::vector<Word>& words, std::vector<std::uint8_t>& labels) {
  const auto is_sign = [&](std::size_t i) { return words[i].shape == Shape::sign || words[i].shape == Shape::line_end; };
  for (std::size_t i = words.size(); i-- > 0;)
    if (labels[i] != 0 && is_sign(i) && (i + 1 == words.size() || labels[i + 1] != labels[i])) labels[i] = 0;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (labels[i] != 0 && is_sign(i) && (i == 0 || labels[i - 1] != labels[i])) labels[i] = 0;
}

constexpr std::uint8_t kPlace = 3;
constexpr std::uint8_t kAddress = 4;

bool is_part_of_address(std::uint8_t label) { return label == kPlace || label == kAddress; }

/// "Rheinland-Pfalz", "3610-114": what a hyphen ties to a labelled word has its label.
void follow_hyphens(const std::vector<Word>& words, std::vector<std::uint8_t>& labels, std::string_view text) {
  for (std::size_t at = 1; at + 1 < words.size(); ++at) {
    if (labels[at - 1] == 0 || text[words[at].begin] != '-' || words[at + 1].shape >= Shape::sign) continue;
    if (words[at - 1].end == words[at].begin && words[at].end == words[at + 1].begin) labels[at] = labels[at + 1] = labels[at - 1];
  }
}

/// A number right before an address is the first of two.
void take_numbers_before(const std::vector<Word>& words, std::vector<std::uint8_t>& labels) {
  for (std::size_t at = words.size(); at-- > 1;) {
    const bool number = words[at - 1].shape >= Shape::digit && words[at - 1].shape <= Shape::digits;
    if (labels[at] == kAddress && number) labels[at - 1] = kAddress;
  }
}

/// One or two words that the model did not know, between the parts of an address, belong to it.
void bridge_addresses(const std::vector<Word>& words, std::vector<std::uint8_t>& labels) {
  constexpr std::size_t kMostBetween = 4;
  for (std::size_t at = 1; at + 1 < words.size(); ++at) {
    if (is_part_of_address(labels[at]) || !is_part_of_address(labels[at - 1])) continue;
    std::size_t end = at;
    std::size_t named = 0;
    while (end < words.size() && end - at < kMostBetween && !is_part_of_address(labels[end]) && words[end].shape != Shape::lower)
      named += words[end++].shape < Shape::sign;
    if (end == words.size() || named == 0 || named > 2 || !is_part_of_address(labels[end])) continue;
    if (labels[at - 1] != kAddress && labels[end] != kAddress) continue;
    for (std::size_t i = at; i < end; ++i) labels[i] = kAddress;
  }
}

}  // namespace

TagFeatures features_at(const std::vector<Word>& words, std::size_t at, std::uint8_t before, std::uint8_t before_that,
                        const TaggerModel& names) {
  const Word& word = words[at];
  const Word& left = word_at(words, at, -1);
  const Word& left2 = word_at(words, at, -2);
  const Word& right = word_at(words, at, 1);
  const Word& right2 = word_at(words, at, 2);
  const std::uint32_t own = shape(word) << 3 | listed(word, names);
  const std::uint32_t after = shape(right) << 3 | listed(right, names);
  const std::uint32_t previous = shape(left) << 3 | listed(left, names);
  const std::uint32_t size = std::min<std::uint32_t>(word.end - word.begin, 12);
  const std::uint32_t history = before | before_that << 3;
  return {{row_of(1, word.hash),
           row_of(2, own),
           row_of(3, word.prefix, shape(word)),
           row_of(4, word.suffix, shape(word)),
           row_of(5, left.hash, own),
           row_of(6, right.hash, own),
           row_of(7, left.hash, left2.hash),
           row_of(8, right.hash, right2.hash),
           row_of(9, previous << 7 | own),
           row_of(10, after << 7 | own),
           row_of(11, history, own),
           row_of(12, before, word.hash),
           row_of(13, before << 7 | own, after),
           row_of(14, before, left.hash),
           row_of(15, left2.hash, own),
           row_of(16, right2.hash, own),
           row_of(17, before, right.hash),
           row_of(18, size, own),
           row_of(19, left.hash, right.hash),
           row_of(20, previous << 14 | own << 7 | after, before)},
          20};
}

bool is_candidate(const std::vector<Word>& words, std::size_t at, std::uint8_t before, const TaggerModel& names) {
  const Word& word = words[at];
  if (before != 0) return true;
  switch (word.shape) {
    case Shape::sign:
    case Shape::line_end:
    case Shape::caseless: return false;
    case Shape::lower: return word.end - word.begin >= kShortestUnknown && listed(word, names) != kOrdinary;
    default: return true;
  }
}

void label_words(const TaggerModel& model, std::string_view text, const std::vector<Word>& words, std::vector<std::uint8_t>& labels) {
  labels.assign(words.size(), 0);
  std::uint8_t before = 0;
  std::uint8_t before_that = 0;
  for (std::size_t at = 0; at < words.size(); ++at) {
    std::uint8_t best = 0;
    if (is_candidate(words, at, before, model)) {
      const TagFeatures features = features_at(words, at, before, before_that, model);
      std::array<std::int16_t, kLabels> sums{};
      for (std::size_t i = 0; i < features.count; ++i) {
        const auto& row = model.weights[features.rows[i]];
        for (std::size_t label = 0; label < kLabels; ++label) sums[label] = static_cast<std::int16_t>(sums[label] + row[label]);
      }
      for (std::uint8_t label = 1; label < kLabels; ++label)
        if (sums[label] - model.margins[label] > sums[best] - model.margins[best]) best = label;
    }
    labels[at] = best;
    before_that = before;
    before = best;
  }
  follow_hyphens(words, labels, text);
  take_numbers_before(words, labels);
  bridge_addresses(words, labels);
  clear_loose_signs(words, labels);
}

void tag(const TaggerModel& model, std::string_view text, const KindSet& wanted, std::vector<Span>& out) {
  thread_local std::vector<Word> words;
  thread_local std::vector<std::uint8_t> labels;
  split_words(text, words);
  label_words(model, text, words, labels);
  for (std::size_t at = 0; at < words.size();) {
    std::size_t end = at + 1;
    while (end < words.size() && labels[end] == labels[at]) ++end;
    if (labels[at] != 0 && wanted.test(static_cast<std::size_t>(kind_of(labels[at]))))
      out.push_back({words[at].begin, words[end - 1].end, kind_of(labels[at])});
    at = end;
  }
}

}  // namespace bulwark::chat::pii
