// Cross-validated confidence: five fits, each judging the fifth it did not see.
#include "chat/training/quarantine.h"

#include <algorithm>

#include "chat/injection/features.h"
#include "chat/injection/normalise.h"
#include "chat/training/linear_trainer.h"

namespace bulwark::chat::training {

namespace {

constexpr std::uint32_t kParts = 5;
constexpr FitSettings kCautious{.epochs = 3, .rate = 0.15F, .ridge = 1e-4F, .seed = 1};  // must not learn single rows by heart

injection::FeatureSet& scratch() {
  thread_local injection::FeatureSet features;
  return features;
}

}  // namespace

std::vector<Suspect> quarantine(std::span<const Example> examples, std::size_t size) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < examples.size(); ++i)
    samples.push_back({features_of(examples[i].text), examples[i].attack, 1, static_cast<std::uint32_t>(i % kParts)});
  std::vector<Suspect> all(examples.size());
  for (std::uint32_t part = 0; part < kParts; ++part) {
    const injection::LinearModel model = fit(samples, kCautious, part);
    for (std::size_t i = part; i < samples.size(); i += kParts) {
      scratch().extract(injection::fold(examples[i].text));
      const float score = model.score(scratch());
      all[i] = {i, samples[i].attack ? -score : score};
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Suspect& a, const Suspect& b) { return a.disagreement > b.disagreement; });
  all.resize(std::min(size, all.size()));
  return all;
}

}  // namespace bulwark::chat::training
