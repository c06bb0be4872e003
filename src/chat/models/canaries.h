// A trial before a model judges anybody: short texts of our own, attacks and ordinary ones in both channels, and sentences with names.
// A model that was swapped, trained on the wrong rows or given a useless threshold fails it, though its signature holds.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chat/injection/detector.h"
#include "chat/pii/tagger.h"
#include "chat/safety_settings.h"
#include "chat/training/dataset.h"

namespace bulwark::chat::models {

/// One thing that was asked of the models.
struct TrialLine {
  std::string_view what;  ///< "attacks in turns found"
  std::size_t hits = 0;
  std::size_t texts = 0;
  double bar = 0;        ///< share of hits
  bool at_least = true;  ///< false: at most

  bool met() const;
};

struct Trial {
  std::vector<TrialLine> lines;

  bool passed() const;
  /// "32 of 33 attacks in turns found, 0 of 30 ordinary turns flagged, …"; what was missed with its bar.
  std::string in_words() const;
};

/// `own`: from the configured file, with its bars.
Trial try_out(const injection::Detector& detector, const pii::TaggerModel& tagger, std::span<const training::Example> own,
              const CanarySettings& settings);

struct CanaryTexts {
  std::span<const std::string_view> attacks;
  std::span<const std::string_view> ordinary;
};
/// What comes with the program; attacked documents are its ordinary ones with instructions among their lines.
CanaryTexts canary_turns();
CanaryTexts canary_documents();
/// Sentences in which [brackets] mark who must be found.
std::span<const std::string_view> canary_names();

}  // namespace bulwark::chat::models
