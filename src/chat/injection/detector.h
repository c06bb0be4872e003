// Tells attacks on the model from ordinary text: jailbreaks and overrides in a user's own turn, instructions in what arrives as
// data, turns that only together are an attack, and strings that an optimiser made. Reads hidden and encoded text as well. Immutable and
// shared by all workers; one call allocates little and never blocks.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/injection/alarms.h"
#include "chat/injection/model_file.h"
#include "chat/injection/normalise.h"
#include "chat/mode.h"

namespace bulwark::chat::injection {

/// Alarms on the models' scales.
struct Thresholds {
  float turn = 0;
  float document = 0;
  float conversation = 0;
  float soup = 0;
  float suspicious = 0;  ///< a turn below it is no step of an escalation
};

struct Judgement {
  float score = -99;  ///< log odds above the threshold of its channel
  bool attack = false;
  Evasion evasion = Evasion::none;  ///< how the decisive text was hidden
  std::string_view span;            ///< the decisive part of the given text, when it is an attack found in plain sight
  Evidence evidence;                ///< a turn's, for escalation()
};

class Detector {
 public:
  explicit Detector(Models models) : models_(std::move(models)), usual_(thresholds({})) {}

  Thresholds thresholds(const Alarms& alarms) const;
  /// `data`: judged as a document; every other channel as a turn.
  Judgement judge(std::string_view text, Channel channel, const Thresholds& thresholds) const;
  Judgement judge(std::string_view text, Channel channel) const { return judge(text, channel, usual_); }

  /// All turns of a user as one text, of which older parts count less: a step that is harmless by itself goes further with those before
  /// it. Oldest first; log odds above the threshold. Far below it if the latest turn by itself is honest.
  float escalation(std::span<const Evidence> turns, const Thresholds& thresholds) const;

  /// The window of a turn that is most like a soup of tokens; its score is that above the threshold.
  Soup gibberish(std::string_view text, const Thresholds& thresholds) const;

  const Models& models() const { return models_; }

 private:
  void judge_turn(std::string_view text, float threshold, Judgement& out) const;
  void judge_document(std::string_view text, float threshold, Judgement& out) const;

  Models models_;
  Thresholds usual_;
};

/// The score of turns taken together, before any threshold.
float together(std::span<const Evidence> turns, const LinearModel& model);

}  // namespace bulwark::chat::injection
