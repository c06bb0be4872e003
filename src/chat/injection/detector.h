// Tells attacks on the model from ordinary text: jailbreaks and overrides in a user's own turn, instructions in what arrives as
// data. Reads hidden and encoded text as well. Immutable and shared by all workers; one call allocates little and never blocks.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "chat/injection/model_file.h"
#include "chat/injection/normalise.h"
#include "chat/mode.h"

namespace bulwark::chat::injection {

struct Judgement {
  float score = -99;  ///< log odds; comparable with the threshold of its channel only
  bool attack = false;
  Evasion evasion = Evasion::none;  ///< how the decisive text was hidden
  std::string_view span;            ///< the decisive part of the given text, when it is an attack found in plain sight
};

class Detector {
 public:
  /// `margin` is added to each threshold: above 0 is more lenient, below 0 stricter.
  explicit Detector(Models models) : models_(std::move(models)) {}

  /// `data`: judged as a document; every other channel as a turn.
  Judgement judge(std::string_view text, Channel channel, float margin = 0) const;
  const Models& models() const { return models_; }

 private:
  void judge_turn(std::string_view text, float margin, Judgement& out) const;
  void judge_document(std::string_view text, float margin, Judgement& out) const;

  Models models_;
};

}  // namespace bulwark::chat::injection
