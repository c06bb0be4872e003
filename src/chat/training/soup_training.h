// Fits the model that tells strings made by an optimiser from everything that people and programs write. The strings are soups of tokens
// made here; no published suffix is among them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "chat/injection/linear_model.h"
#include "chat/training/dataset.h"

namespace bulwark::chat::training {

/// Strings as an optimiser over a model's tokens leaves them: pieces of words, of code and of other languages from `texts`, some of them
/// glued, in no order. Deterministic.
std::vector<std::string> make_soups(std::span<const Example> texts, std::size_t count);

/// Scores a window of a text. Deterministic.
injection::LinearModel train_soup(std::span<const Example> texts);

}  // namespace bulwark::chat::training
