// Scores are made relative to their threshold, so that the most suspicious reading decides whichever model it came from.
#include "chat/injection/detector.h"

#include "chat/injection/segments.h"

namespace bulwark::chat::injection {

namespace {

/// Turns are what the first model knows; a whole document has to look far more like an attack to be one by that model alone.
constexpr float kDocumentMargin = 1.5F;

/// What a turn still counts one turn later.
constexpr float kKeptOfOlder = 0.8F;

/// Hundredths of honest turns that look at least as suspicious as a step of an escalation must.
constexpr double kSuspicious = 10;
constexpr float kNone = -99;

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

float together(std::span<const Evidence> turns, const LinearModel& model) {
  Evidence sum;
  for (const Evidence& turn : turns) {
    sum.weight = sum.weight * kKeptOfOlder + turn.weight;
    sum.features = sum.features * kKeptOfOlder + turn.features;
  }
  return model.score(sum);
}

Thresholds Detector::thresholds(const Alarms& alarms) const {
  return {models_.turn_alarms.at(alarms.user), models_.document_alarms.at(alarms.data), models_.conversation_alarms.at(alarms.conversation),
          models_.soup_alarms.at(alarms.gibberish), models_.turn_alarms.at(kSuspicious)};
}

void Detector::judge_turn(std::string_view text, float threshold, Judgement& out) const {
  const Normalised normalised = normalise(text);
  for (const Reading& reading : normalised.readings) {
    if (reading.text.size() < kMinReading) continue;
    scratch().extract(reading.text);
    const Evidence evidence = models_.direct.evidence(scratch());
    const float score = models_.direct.score(evidence) - threshold;
    if (score <= out.score) continue;
    out.score = score;
    out.evasion = reading.evasion;
    out.evidence = evidence;
  }
}

void Detector::judge_document(std::string_view text, float threshold, Judgement& out) const {
  thread_local std::vector<std::string_view> segments;
  segments.clear();
  split_segments(text, segments);
  const DocumentView view = view_document(segments, models_.segment, scratch());
  const float score = dot(models_.document, view.features) - threshold;
  if (score <= out.score) return;
  out.score = score;
  out.evasion = Evasion::none;
  out.span = view.best;
}

Judgement Detector::judge(std::string_view text, Channel channel, const Thresholds& thresholds) const {
  Judgement out;
  const bool data = channel == Channel::data;
  judge_turn(text, data ? thresholds.turn + kDocumentMargin : thresholds.turn, out);
  if (data) judge_document(text, thresholds.document, out);
  out.attack = out.score >= 0;
  if (!out.attack)
    out.span = {};
  else if (out.span.empty() && out.evasion == Evasion::none)
    out.span = heaviest(text, models_.direct);
  return out;
}

float Detector::escalation(std::span<const Evidence> turns, const Thresholds& thresholds) const {
  if (turns.size() < 2) return kNone;
  const float latest = models_.direct.score(turns.back());
  if (latest < thresholds.suspicious) return kNone;
  return together(turns, models_.direct) - thresholds.conversation;
}

Soup Detector::gibberish(std::string_view text, const Thresholds& thresholds) const {
  Soup soup = find_soup(text, models_.soup, scratch());
  soup.score -= thresholds.soup;
  return soup;
}

}  // namespace bulwark::chat::injection
