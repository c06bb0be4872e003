// Three fits: turns; segments of documents, where instructions are what to find; and, over cross-fitted segment scores, whole
// documents. Instructions from prompts are put into clean documents, since too few attacked documents exist to learn from.
#include "chat/training/injection_training.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <set>

#include "chat/injection/detector.h"
#include "chat/injection/segments.h"
#include "chat/training/document_corpus.h"
#include "chat/training/evasions.h"
#include "chat/training/linear_trainer.h"
#include "chat/training/soup_training.h"

namespace bulwark::chat::training {

namespace {

using injection::DocumentFeatures;
using injection::kDocumentFeatures;
using injection::LinearModel;

/// Chosen by leaving out thirds of the small sets in turn: fewer rounds and more ridge find more of what no row is alike to.
constexpr FitSettings kTurns{.epochs = 4, .ridge = 3e-4F};
constexpr float kDressed = 0.4F;  ///< weight of a turn in an evasion's dress
constexpr std::uint32_t kSeed = 3;
constexpr float kGarbled = 0.2F;  ///< of an honest one that nobody can read

/// Small sets that are near to what the guard meets weigh more.
float turn_weight(const Example& example) {
  if (example.source == "catalogues") return 0.6F;  // many, and of one kind
  if (!example.attack) return 1;
  if (example.source == "phrases") return 1.5F;
  if (example.source == "deepset") return 3;
  return example.source == "cse_pi_multi" || example.source == "tt_hijack" ? 2 : 1;
}

/// Every turn twice with slips and three times with blanks in its words: those cannot be undone, so they are learned. Honest ones also
/// rotated, as they are read before that is undone: letters that say nothing are no attack by themselves.
LinearModel fit_turns(std::span<const Example> train) {
  std::vector<Sample> samples;
  std::uint32_t number = 0;
  for (const Example& example : train) {
    if (example.indirect && example.source.starts_with("bipia")) continue;
    const float weight = turn_weight(example);
    samples.push_back({features_of(example.text), example.attack, weight, 0});
    if (example.source == "catalogues") continue;  // there to know the languages, not their slips
    for (const Dress how : {Dress::typo, Dress::typo, Dress::token_split, Dress::token_split, Dress::token_split})
      samples.push_back({features_of(dress(example.text, how, ++number)), example.attack, weight * kDressed, 0});
    if (!example.attack) samples.push_back({features_of(dress(example.text, Dress::rot13)), false, kGarbled, 0});
  }
  return fit(samples, kTurns);
}

/// Batch gradient descent on a handful of weights.
DocumentFeatures fit_documents(const std::vector<DocumentFeatures>& rows, const std::vector<DocumentSample>& documents) {
  constexpr int kSteps = 3'000;
  constexpr double kRidge = 1e-4;
  std::array<double, kDocumentFeatures> weights{};
  for (int step = 0; step < kSteps; ++step) {
    std::array<double, kDocumentFeatures> gradient{};
    double total = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double odds = 0;
      for (std::size_t j = 0; j < kDocumentFeatures; ++j) odds += weights[j] * rows[i][j];
      const double error = (1 / (1 + std::exp(-odds)) - documents[i].attack) * documents[i].weight;
      total += documents[i].weight;
      for (std::size_t j = 0; j < kDocumentFeatures; ++j) gradient[j] += error * rows[i][j];
    }
    for (std::size_t j = 0; j < kDocumentFeatures; ++j) weights[j] -= gradient[j] / total + kRidge * weights[j];
  }
  DocumentFeatures out{};
  for (std::size_t j = 0; j < kDocumentFeatures; ++j) out[j] = static_cast<float>(weights[j]);
  return out;
}

DocumentFeatures fit_documents_cross(const DocumentCorpus& corpus) {
  std::vector<LinearModel> folds;
  for (std::uint32_t fold = 0; fold < kFolds; ++fold) folds.push_back(fit(corpus.segments, {}, fold));
  injection::FeatureSet scratch;
  std::vector<DocumentFeatures> rows;
  for (const DocumentSample& document : corpus.documents) {
    const std::vector<std::string_view> views(document.segments.begin(), document.segments.end());
    rows.push_back(injection::view_document(views, folds[document.fold], scratch).features);
  }
  return fit_documents(rows, corpus.documents);
}

/// Honest turns of one set that follow each other, two to eight at a time: a person stays with a subject.
std::vector<float> honest_conversations(const std::vector<const Example*>& turns, const injection::Detector& detector) {
  std::vector<float> scores;
  std::mt19937 random(kSeed);
  for (std::size_t at = 0; at < turns.size();) {
    std::vector<injection::Evidence> said;
    for (std::size_t length = 2 + random() % 7; length > 0 && at < turns.size() && turns[at]->source == turns[at - said.size()]->source;
         --length)
      said.push_back(detector.judge(turns[at++]->text, Channel::user).evidence);
    scores.push_back(injection::together(said, detector.models().direct));
  }
  return scores;
}

/// What the second set's honest texts score.
void calibrate(injection::Models& models, std::span<const Example> dev) {
  const injection::Detector detector(models);
  std::vector<const Example*> honest;
  std::vector<float> turns;
  std::vector<float> soups;
  for (const Example& example : dev) {
    if (example.attack || example.indirect) continue;
    honest.push_back(&example);
    turns.push_back(detector.judge(example.text, Channel::user).score);
    soups.push_back(detector.gibberish(example.text, {}).score);
  }
  models.turn_alarms = injection::AlarmCurve::of(std::move(turns));
  models.soup_alarms = injection::AlarmCurve::of(std::move(soups));
  models.conversation_alarms = injection::AlarmCurve::of(honest_conversations(honest, detector));
  std::vector<float> documents;
  std::vector<std::string_view> segments;
  injection::FeatureSet scratch;
  for (const std::string& text : benign_documents(dev)) {
    segments.clear();
    injection::split_segments(text, segments);
    documents.push_back(injection::dot(models.document, injection::view_document(segments, models.segment, scratch).features));
  }
  models.document_alarms = injection::AlarmCurve::of(std::move(documents));
}

}  // namespace

injection::Models train_injection(std::span<const Example> train, std::span<const Example> dev) {
  injection::Models models;
  models.direct = fit_turns(train);
  const DocumentCorpus corpus = document_corpus(train);
  models.segment = fit(corpus.segments, {});
  models.document = fit_documents_cross(corpus);
  models.soup = train_soup(train);
  calibrate(models, dev);
  return models;
}

}  // namespace bulwark::chat::training
