// Scores once, groups by set; AUC as the Mann-Whitney statistic.
#include "chat/training/evaluation.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace bulwark::chat::training {

namespace {

injection::Judgement judge(const injection::Detector& detector, const Example& example) {
  return detector.judge(example.text, example.indirect ? Channel::data : Channel::user);
}

double area(std::vector<float> attacks, std::vector<float> benign) {
  if (attacks.empty() || benign.empty()) return 0;
  std::sort(benign.begin(), benign.end());
  double won = 0;
  for (const float score : attacks) {
    const auto [low, high] = std::equal_range(benign.begin(), benign.end(), score);
    won += static_cast<double>(low - benign.begin()) + static_cast<double>(high - low) / 2;
  }
  return won / (static_cast<double>(attacks.size()) * static_cast<double>(benign.size()));
}

/// BIPIA's tasks are compared with their own clean documents, all else with everything benign of the channel.
std::string benign_pool(const SetResult& set) {
  if (set.indirect && set.source.starts_with("bipia_")) return set.source.substr(set.source.rfind('_'));
  return set.indirect ? "indirect" : "direct";
}

}  // namespace

std::vector<SetResult> evaluate(const injection::Detector& detector, std::span<const Example> examples) {
  std::map<std::tuple<bool, bool, std::string>, std::pair<SetResult, std::vector<float>>> sets;
  std::map<std::string, std::vector<float>> benign;
  for (const Example& example : examples) {
    auto& [result, scores] = sets[{example.indirect, !example.attack, example.source}];
    const injection::Judgement judgement = judge(detector, example);
    result.source = example.source;
    result.attack = example.attack;
    result.indirect = example.indirect;
    ++result.rows;
    result.flagged += judgement.attack;
    scores.push_back(judgement.score);
    if (example.attack) continue;
    benign[example.indirect ? "indirect" : "direct"].push_back(judgement.score);
    if (const std::string pool = benign_pool(result); pool.starts_with('_')) benign[pool].push_back(judgement.score);
  }
  std::vector<SetResult> all;
  for (auto& [key, entry] : sets) {
    if (entry.first.attack) entry.first.auc = area(entry.second, benign[benign_pool(entry.first)]);
    all.push_back(std::move(entry.first));
  }
  return all;
}

double flagged_share(const injection::Detector& detector, std::span<const Example> examples, bool attack) {
  std::size_t rows = 0;
  std::size_t flagged = 0;
  for (const Example& example : examples) {
    if (example.attack != attack) continue;
    ++rows;
    flagged += judge(detector, example).attack;
  }
  return rows == 0 ? 0 : static_cast<double>(flagged) / static_cast<double>(rows);
}

}  // namespace bulwark::chat::training
