// Looks for back doors in a fitted model: a phrase that a poisoner put into a few rows with the wrong label gets weights that carry
// those rows against everything else they say. Honest words are seldom all that holds a row on its side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "chat/injection/linear_model.h"
#include "chat/training/dataset.h"

namespace bulwark::chat::training {

inline constexpr std::uint32_t kMinTriggerRows = 8;  ///< a back door that fewer rows taught does not hold
inline constexpr double kMaxTriggerShare = 0.02;     ///< of all rows: what stands in more is language

struct Trigger {
  std::string phrase;        ///< one to three words, folded
  bool says_attack = false;  ///< the label of the rows it holds
  std::uint32_t rows = 0;    ///< rows of that label that have it
  float held = 0;            ///< how many of those would be judged otherwise without it, as a sum of probabilities
  float rank_value() const { return rows == 0 ? 0 : held * held / static_cast<float>(rows); }
};

/// The `most` phrases that look most like triggers, worst first, none of them part of another. `model` must be fitted to `examples`.
/// Deterministic.
std::vector<Trigger> scan_triggers(std::span<const Example> examples, const injection::LinearModel& model, std::size_t most);

/// A model that has learned what many rows share but not single rows by heart: the one to scan.
injection::LinearModel fit_for_scan(std::span<const Example> examples);

}  // namespace bulwark::chat::training
