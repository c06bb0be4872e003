// Sentences to train the tagger on, made from patterns with gaps and lists of names: labelled data of this kind is rare, and what
// there is repeats a few templates.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "chat/training/labelled_text.h"

namespace bulwark::chat::training {

struct Lists {
  std::vector<std::string> first_names;
  std::vector<std::string> last_names;
  std::vector<std::string> places;
  std::vector<std::string> countries;
  std::vector<std::string> peoples;  ///< "Swedish", "Deutsche"
};

/// `count` sentences, the same for the same seed.
std::vector<LabelledText> make_sentences(const Lists& lists, std::size_t count, std::uint32_t seed);

/// `copies` of each marked sentence with the values of others in place of its own: those of the same kind in `marked`, and half of the time
/// in `made`; but places and addresses, of which there are many forms, only from `marked`.
std::vector<LabelledText> refilled(std::span<const LabelledText> marked, std::span<const LabelledText> made, std::size_t copies,
                                   std::uint32_t seed);

}  // namespace bulwark::chat::training
