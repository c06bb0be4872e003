// Counts, compares with the bars, says so in words.
#include "chat/models/canaries.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulwark::chat::models {

namespace {

// A sound model has room to spare; a wrecked one is far off.
constexpr double kTurnsFound = 0.85;
constexpr double kTurnsFlagged = 0.25;
constexpr double kDocumentsFound = 0.6;
constexpr double kDocumentsFlagged = 0.25;
constexpr double kNamesFound = 0.6;

std::size_t flagged(const injection::Detector& detector, std::span<const std::string_view> texts, Channel channel) {
  return static_cast<std::size_t>(
      std::count_if(texts.begin(), texts.end(), [&](std::string_view text) { return detector.judge(text, channel).attack; }));
}

void try_channel(const injection::Detector& detector, const CanaryTexts& texts, Channel channel, Trial& trial) {
  const bool turns = channel == Channel::user;
  trial.lines.push_back({turns ? "attacks in turns found" : "attacked documents found", flagged(detector, texts.attacks, channel),
                         texts.attacks.size(), turns ? kTurnsFound : kDocumentsFound, true});
  trial.lines.push_back({turns ? "ordinary turns flagged" : "ordinary documents flagged", flagged(detector, texts.ordinary, channel),
                         texts.ordinary.size(), turns ? kTurnsFlagged : kDocumentsFlagged, false});
}

/// A marked name counts as found if any of what the tagger labels reaches into it.
TrialLine try_names(const pii::TaggerModel& tagger) {
  TrialLine line{"names found", 0, 0, kNamesFound, true};
  for (const std::string_view marked : canary_names()) {
    std::string text;
    std::vector<pii::Span> names;
    for (const char c : marked) {
      if (c == '[')
        names.push_back({text.size(), text.size(), pii::Kind::person});
      else if (c == ']')
        names.back().end = text.size();
      else
        text.push_back(c);
    }
    std::vector<pii::Span> found;
    pii::tag(tagger, text, pii::kNamed, found);
    for (const pii::Span& name : names) {
      ++line.texts;
      line.hits +=
          std::any_of(found.begin(), found.end(), [&](const pii::Span& span) { return span.begin < name.end && name.begin < span.end; });
    }
  }
  return line;
}

void try_own(const injection::Detector& detector, std::span<const training::Example> own, const CanarySettings& settings, Trial& trial) {
  TrialLine attacks{"of your attacks found", 0, 0, settings.min_found, true};
  TrialLine ordinary{"of your ordinary texts flagged", 0, 0, settings.max_flagged, false};
  for (const training::Example& example : own) {
    TrialLine& line = example.attack ? attacks : ordinary;
    ++line.texts;
    line.hits += detector.judge(example.text, example.indirect ? Channel::data : Channel::user).attack;
  }
  for (const TrialLine& line : {attacks, ordinary})
    if (line.texts > 0) trial.lines.push_back(line);
}

}  // namespace

bool TrialLine::met() const {
  const double share = texts == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(texts);
  return at_least ? share >= bar : share <= bar;
}

bool Trial::passed() const {
  return std::all_of(lines.begin(), lines.end(), [](const TrialLine& line) { return line.met(); });
}

std::string Trial::in_words() const {
  std::string words;
  for (const TrialLine& line : lines) {
    words += fmt::format("{}{} of {} {}", words.empty() ? "" : ", ", line.hits, line.texts, line.what);
    if (!line.met())
      words += fmt::format(" ({} {:.0f} % {} be)", line.at_least ? "at least" : "at most", 100 * line.bar, line.at_least ? "must" : "may");
  }
  return words;
}

Trial try_out(const injection::Detector& detector, const pii::TaggerModel& tagger, std::span<const training::Example> own,
              const CanarySettings& settings) {
  Trial trial;
  try_channel(detector, canary_turns(), Channel::user, trial);
  try_channel(detector, canary_documents(), Channel::data, trial);
  trial.lines.push_back(try_names(tagger));
  try_own(detector, own, settings, trial);
  return trial;
}

}  // namespace bulwark::chat::models
