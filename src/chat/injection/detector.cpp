// Scores are made relative to their threshold, so that the most suspicious reading decides whichever model it came from.
#include "chat/injection/detector.h"

#include "chat/injection/segments.h"

namespace bulwark::chat::injection {

namespace {

/// Turns are what the first model knows; a whole document has to look far more like an attack to be one by that model alone.
constexpr float kDocumentMargin = 1.5F;

/// Shorter texts say nothing: what is left around an encoded one, for instance.
constexpr std::size_t kMinReading = 4;

FeatureSet& scratch() {
  thread_local FeatureSet features;
  return features;
}

/// The segment of a turn that weighs most: looked for only once the turn was found to be an attack.
std::string_view heaviest(std::string_view text, const LinearModel& model) {
  std::vector<std::string_view> segments;
  split_segments(text, segments);
  std::string_view best = text.substr(0, kMaxSegmentBytes);
  float most = -99;
  for (const std::string_view segment : segments) {
    scratch().extract(fold(segment));
    if (const float score = model.score(scratch()); score > most) most = score, best = segment;
  }
  return best;
}

}  // namespace

void Detector::judge_turn(std::string_view text, float margin, Judgement& out) const {
  const Normalised normalised = normalise(text);
  for (const Reading& reading : normalised.readings) {
    if (reading.text.size() < kMinReading) continue;
    scratch().extract(reading.text);
    const float score = models_.direct.score(scratch()) - models_.direct_threshold - margin;
    if (score <= out.score) continue;
    out.score = score;
    out.evasion = reading.evasion;
  }
}

void Detector::judge_document(std::string_view text, float margin, Judgement& out) const {
  thread_local std::vector<std::string_view> segments;
  segments.clear();
  split_segments(text, segments);
  const DocumentView view = view_document(segments, models_.segment, scratch());
  const float score = dot(models_.document, view.features) - models_.indirect_threshold - margin;
  if (score <= out.score) return;
  out.score = score;
  out.evasion = Evasion::none;
  out.span = view.best;
}

Judgement Detector::judge(std::string_view text, Channel channel, float margin) const {
  Judgement out;
  judge_turn(text, channel == Channel::data ? margin + kDocumentMargin : margin, out);
  if (channel == Channel::data) judge_document(text, margin, out);
  out.attack = out.score >= 0;
  if (!out.attack)
    out.span = {};
  else if (out.span.empty() && out.evasion == Evasion::none)
    out.span = heaviest(text, models_.direct);
  return out;
}

}  // namespace bulwark::chat::injection
