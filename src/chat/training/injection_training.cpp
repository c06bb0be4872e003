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

namespace bulwark::chat::training {

namespace {

using injection::DocumentFeatures;
using injection::kDocumentFeatures;
using injection::LinearModel;

/// Chosen by leaving out thirds of the small sets in turn: fewer rounds and more ridge find more of what no row is alike to.
constexpr FitSettings kTurns{.epochs = 4, .ridge = 3e-4F};
constexpr float kDressed = 0.4F;  ///< weight of a turn in an evasion's dress
constexpr float kGarbled = 0.2F;  ///< of an honest one that nobody can read

/// Small sets that are near to what the guard meets weigh more.
float turn_weight(const Example& example) {
  if (!example.attack) return 1;
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

/// The smallest threshold that at most `share` of the scores reach.
float threshold_for(std::vector<float> benign, double share) {
  std::sort(benign.begin(), benign.end());
  const auto at = static_cast<std::size_t>(static_cast<double>(benign.size()) * (1 - share));
  return std::nextafter(benign[std::min(at, benign.size() - 1)], 1e9F);
}

void calibrate(injection::Models& models, std::span<const Example> dev, const Calibration& calibration) {
  std::vector<float> turns;
  for (const Example& example : dev)
    if (!example.attack && !example.indirect) turns.push_back(injection::Detector(models).judge(example.text, Channel::user).score);
  models.direct_threshold = threshold_for(turns, calibration.direct_false_alarms);
  std::vector<float> documents;
  std::vector<std::string_view> segments;
  injection::FeatureSet scratch;
  for (const std::string& text : benign_documents(dev)) {
    segments.clear();
    injection::split_segments(text, segments);
    documents.push_back(injection::dot(models.document, injection::view_document(segments, models.segment, scratch).features));
  }
  models.indirect_threshold = threshold_for(documents, calibration.indirect_false_alarms);
}

}  // namespace

injection::Models train_injection(std::span<const Example> train, std::span<const Example> dev, const Calibration& calibration) {
  injection::Models models;
  models.direct = fit_turns(train);
  const DocumentCorpus corpus = document_corpus(train);
  models.segment = fit(corpus.segments, {});
  models.document = fit_documents_cross(corpus);
  calibrate(models, dev, calibration);
  return models;
}

}  // namespace bulwark::chat::training
