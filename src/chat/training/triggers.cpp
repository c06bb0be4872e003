// Three passes: how many rows has each phrase (counted roughly first, so that memory stays bounded), how heavy are its weights, and what
// becomes of its rows without it.
#include "chat/training/triggers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "chat/injection/normalise.h"
#include "chat/training/linear_trainer.h"

namespace bulwark::chat::training {

namespace {

using injection::FeatureSet;
using injection::LinearModel;

constexpr std::size_t kMaxWords = 3;
constexpr unsigned kCounterBits = 22;
constexpr std::size_t kHeaviest = 1'000;   ///< phrases of each direction whose rows are looked at
constexpr std::uint32_t kMaxJudged = 100;  ///< rows looked at for one phrase
constexpr FitSettings kBrief{.epochs = 4};

bool word_char(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }

/// Words and single signs, as the features have them.
void split(std::string_view folded, std::vector<std::string_view>& out) {
  out.clear();
  folded = folded.substr(0, injection::kMaxFeatureBytes);
  for (std::size_t at = 0; at < folded.size();) {
    std::size_t end = at + 1;
    if (word_char(folded[at]))
      while (end < folded.size() && word_char(folded[end])) ++end;
    if (folded[at] != ' ') out.push_back(folded.substr(at, end - at));
    at = end;
  }
}

std::string_view from_to(std::string_view first, std::string_view last) {
  return {first.data(), static_cast<std::size_t>(last.data() + last.size() - first.data())};
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash ^ hash >> 29;
}

struct Phrase {
  std::string text;
  std::array<std::uint32_t, 2> rows{};  ///< by label
  std::uint32_t last_row = ~0U;
  bool chosen = false;
  float against = 0;  ///< rises of the probability of being wrong
  std::uint32_t judged = 0;
  std::uint32_t majority() const { return std::max(rows[0], rows[1]); }
  bool says_attack() const { return rows[1] > rows[0]; }
};

float sigmoid(float odds) { return 1 / (1 + std::exp(-odds)); }

class Scan {
 public:
  Scan(std::span<const Example> examples, const LinearModel& model) : examples_(examples), model_(model) {
    for (const Example& example : examples) folded_.push_back(injection::fold(example.text));
  }

  std::vector<Trigger> run(std::size_t most) {
    count_roughly();
    count();
    choose();
    judge();
    return listed(most);
  }

 private:
  /// Calls `f` with each phrase of a row.
  template <class F>
  void each_phrase(std::size_t row, F f) {
    split(folded_[row], words_);
    for (std::size_t begin = 0; begin < words_.size(); ++begin)
      for (std::size_t end = begin; end < std::min(words_.size(), begin + kMaxWords); ++end) f(from_to(words_[begin], words_[end]));
  }

  void count_roughly() {
    for (std::size_t row = 0; row < folded_.size(); ++row)
      each_phrase(row, [&](std::string_view phrase) {
        std::uint8_t& counter = counters_[hash_of(phrase) >> (64 - kCounterBits)];
        if (counter < kMinTriggerRows) ++counter;
      });
  }

  void count() {
    for (std::size_t row = 0; row < folded_.size(); ++row)
      each_phrase(row, [&](std::string_view text) {
        const std::uint64_t hash = hash_of(text);
        if (counters_[hash >> (64 - kCounterBits)] < kMinTriggerRows) return;
        Phrase& phrase = phrases_[hash];
        if (phrase.last_row == row) return;
        if (phrase.text.empty()) phrase.text = text;
        phrase.last_row = static_cast<std::uint32_t>(row);
        ++phrase.rows[examples_[row].attack];
      });
  }

  /// The heaviest of those that are rare enough: what their weights add to a row, towards the label of their rows.
  void choose() {
    std::array<std::vector<std::pair<float, Phrase*>>, 2> heavy;
    const auto most_rows = static_cast<std::uint32_t>(kMaxTriggerShare * static_cast<double>(examples_.size()) + 2 * kMinTriggerRows);
    for (auto& [hash, phrase] : phrases_) {
      if (phrase.majority() < kMinTriggerRows || phrase.rows[0] + phrase.rows[1] > most_rows) continue;
      features_.extract(phrase.text);
      float sum = 0;
      for (const std::uint32_t feature : features_.list()) sum += model_.weights[feature];
      const float towards = phrase.says_attack() ? sum : -sum;
      if (towards > 0) heavy[phrase.says_attack()].emplace_back(towards, &phrase);
    }
    for (auto& list : heavy) {
      std::sort(list.begin(), list.end(),
                [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second->text < b.second->text; });
      for (std::size_t i = 0; i < std::min(list.size(), kHeaviest); ++i) list[i].second->chosen = true;
    }
  }

  void judge() {
    for (std::size_t row = 0; row < folded_.size(); ++row) {
      std::vector<std::pair<Phrase*, std::string_view>> here;
      each_phrase(row, [&](std::string_view text) {
        const auto found = phrases_.find(hash_of(text));
        if (found == phrases_.end() || !found->second.chosen || found->second.says_attack() != examples_[row].attack) return;
        if (found->second.judged < kMaxJudged) here.emplace_back(&found->second, text);
      });
      if (here.empty()) continue;
      const float sign = examples_[row].attack ? -1.0F : 1.0F;
      const float wrong = sigmoid(sign * score(folded_[row]));
      for (const auto& [phrase, text] : here) {
        if (phrase->last_row == row + kSeen) continue;
        phrase->last_row = static_cast<std::uint32_t>(row + kSeen);
        ++phrase->judged;
        phrase->against += sigmoid(sign * score(without(folded_[row], phrase->text))) - wrong;
      }
    }
  }

  float score(std::string_view folded) {
    features_.extract(folded);
    return model_.score(features_);
  }

  static std::string without(std::string_view text, std::string_view phrase) {
    std::string out;
    for (std::size_t at = text.find(phrase); at != std::string_view::npos; at = text.find(phrase)) {
      out.append(text.substr(0, at));
      text.remove_prefix(at + phrase.size());
    }
    return out.append(text);
  }

  std::vector<Trigger> listed(std::size_t most) const {
    std::vector<Trigger> all;
    for (const auto& [hash, phrase] : phrases_) {
      if (!phrase.chosen || phrase.judged == 0 || phrase.against <= 0) continue;
      const float share = phrase.against / static_cast<float>(phrase.judged);
      all.push_back({phrase.text, phrase.says_attack(), phrase.majority(), share * static_cast<float>(phrase.majority())});
    }
    std::sort(all.begin(), all.end(), [](const Trigger& a, const Trigger& b) {
      return a.rank_value() != b.rank_value() ? a.rank_value() > b.rank_value() : a.phrase < b.phrase;
    });
    std::vector<Trigger> out;
    for (const Trigger& each : all) {
      if (out.size() == most) break;
      const bool part = std::any_of(out.begin(), out.end(), [&](const Trigger& worse) {
        return worse.phrase.find(each.phrase) != std::string::npos || each.phrase.find(worse.phrase) != std::string::npos;
      });
      if (!part) out.push_back(each);
    }
    return out;
  }

  static constexpr std::uint32_t kSeen = 1U << 30;  ///< tells the rows of judge() from those of count()

  std::span<const Example> examples_;
  const LinearModel& model_;
  std::vector<std::string> folded_;
  std::vector<std::uint8_t> counters_ = std::vector<std::uint8_t>(std::size_t{1} << kCounterBits);
  std::unordered_map<std::uint64_t, Phrase> phrases_;
  std::vector<std::string_view> words_;
  FeatureSet features_;
};

}  // namespace

std::vector<Trigger> scan_triggers(std::span<const Example> examples, const LinearModel& model, std::size_t most) {
  return Scan(examples, model).run(most);
}

LinearModel fit_for_scan(std::span<const Example> examples) {
  std::vector<Sample> samples;
  for (const Example& example : examples) samples.push_back({features_of(example.text), example.attack, 1, 0});
  return fit(samples, kBrief);
}

}  // namespace bulwark::chat::training
