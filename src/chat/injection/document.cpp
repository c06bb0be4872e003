// Two passes over the segments: scores and words, then the best segment against the others.
#include "chat/injection/document.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "chat/injection/normalise.h"

namespace bulwark::chat::injection {

namespace {

constexpr std::size_t kWordSlots = 16 * 1024;
constexpr std::size_t kMinWord = 4;
constexpr float kFloor = -8;  ///< scores below say no more than "not at all"
constexpr float kAlone = -6;  ///< stands for the others of a single segment

bool word_char(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// Calls `f` with a slot for each ASCII word of four letters or more, case folded.
template <class F>
void each_word(std::string_view text, F f) {
  std::uint32_t hash = 0x811c9dc5;
  std::size_t size = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && word_char(text[i])) {
      hash = (hash ^ static_cast<unsigned char>(text[i] | 0x20)) * 0x01000193;
      ++size;
    } else {
      if (size >= kMinWord) f((hash ^ hash >> 15) % kWordSlots);
      hash = 0x811c9dc5;
      size = 0;
    }
  }
}

/// The share of the segment's words that stand elsewhere in the document too.
float overlap(const std::vector<std::string_view>& segments, std::size_t best) {
  thread_local std::vector<std::uint8_t> elsewhere(kWordSlots);
  std::fill(elsewhere.begin(), elsewhere.end(), std::uint8_t{0});
  for (std::size_t i = 0; i < segments.size(); ++i)
    if (i != best) each_word(segments[i], [&](std::size_t slot) { elsewhere[slot] = 1; });
  std::size_t words = 0;
  std::size_t shared = 0;
  each_word(segments[best], [&](std::size_t slot) {
    ++words;
    shared += elsewhere[slot];
  });
  return words == 0 ? 0.5F : static_cast<float>(shared) / static_cast<float>(words);
}

}  // namespace

DocumentView view_document(const std::vector<std::string_view>& segments, const LinearModel& model, FeatureSet& scratch) {
  std::size_t best_at = 0;
  float best = -99;
  float second = -99;
  float sum = 0;
  std::size_t rows = 0;
  std::size_t code = 0;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    scratch.extract(fold(segments[i]));
    const float score = model.score(scratch);
    sum += score;
    if (score > best) {
      second = best;
      best = score;
      best_at = i;
    } else {
      second = std::max(second, score);
    }
    rows += segments[i].front() == '|';
    code += segments[i].find_first_of("{};=()") != std::string_view::npos;
  }
  DocumentView view;
  if (segments.empty()) best = kFloor;
  const std::size_t count = std::max<std::size_t>(2, segments.size());
  const bool alone = segments.size() < 2;
  const float mean = alone ? kAlone : (sum - best) / static_cast<float>(count - 1);
  const bool table = rows * 10 >= count * 7;
  view.features = {1,
                   best / 4,
                   std::max(kFloor, alone ? kAlone : second) / 4,
                   std::max(kFloor, mean) / 4,
                   segments.empty() ? 0.5F : overlap(segments, best_at),
                   table ? 1.0F : 0.0F,
                   !table && code * 10 >= count * 4 ? 1.0F : 0.0F,
                   std::log(static_cast<float>(count)) / 3,
                   best_at == 0 || best_at + 1 == segments.size() ? 1.0F : 0.0F};
  if (!segments.empty()) view.best = segments[best_at];
  return view;
}

float dot(const DocumentFeatures& weights, const DocumentFeatures& features) {
  float sum = 0;
  for (std::size_t i = 0; i < kDocumentFeatures; ++i) sum += weights[i] * features[i];
  return sum;
}

}  // namespace bulwark::chat::injection
