// Tells strings that an optimiser made to jailbreak a model (GCG: Zou et al., arXiv:2307.15043, and its kin) from text, code and
// encodings: a soup of tokens has words and signs, but nothing holds them together. A turn is looked at in windows, as such strings are
// short beside what they are attached to. What is seen of a window is its words in order, and its shape: where words, capitals, digits,
// blanks and signs meet.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "chat/injection/features.h"
#include "chat/injection/linear_model.h"

namespace bulwark::chat::injection {

inline constexpr std::size_t kSoupWindow = 96;  ///< bytes
inline constexpr std::size_t kMaxSoupBytes = 16 * 1024;
inline constexpr std::size_t kMinSeams = 3;  ///< a window with fewer is prose, and looked at no further

struct Soup {
  float score = -99;        ///< log odds; comparable with a threshold only
  std::string_view window;  ///< of the text, where it is highest
};

/// The window of `text` that is most like a soup. Windows lie one after the other, from the end back, where such strings stand; the last
/// kMaxSoupBytes are looked at. `scratch` is reused.
Soup find_soup(std::string_view text, const LinearModel& model, FeatureSet& scratch);

/// Places where something other than a blank parts two things: a capital after a small letter, a sign between letters.
std::size_t seams(std::string_view window);

/// A window as the model reads it: in small letters, then its shape ("Give**ONE" is "^w**^").
std::string shaped(std::string_view window);

}  // namespace bulwark::chat::injection
