// Fits the tagger: an averaged perceptron (Collins, 2002) that walks each sentence as the tagger will, with its own labels behind it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "chat/pii/tagger.h"
#include "chat/training/dataset.h"
#include "chat/training/labelled_text.h"
#include "chat/training/made_sentences.h"

namespace bulwark::chat::training {

/// The label of each word: that of the marked span it lies in.
std::vector<std::uint8_t> labels_of(const LabelledText& text, const std::vector<pii::Word>& words);

/// Deterministic for the same sentences and lists.
pii::TaggerModel train_tagger(std::span<const LabelledText> sentences, const Lists& lists, const std::vector<Example>& prompts);

/// Everything of a data folder ("pii_train.json" but its held-out templates, "ner", "names") and made sentences. Errors: origin config.
Result<pii::TaggerModel> train_tagger(const std::string& folder);

}  // namespace bulwark::chat::training
