// Weights are averaged over all steps, then rounded to bytes.
#include "chat/training/tagger_training.h"

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <unordered_map>

namespace bulwark::chat::training {

namespace {

using pii::kLabels;

constexpr unsigned kEpochs = 5;
constexpr std::size_t kMade = 120'000;
constexpr std::uint32_t kSeed = 7;
/// In favour of every label over none, by kind: what is missed costs more. Set on templates that were held out.
constexpr std::array<std::int32_t, kLabels> kMargins = {0, -75, -50, -75, -95, -65, -30, -20};
constexpr double kKeptWhole = 0.999;  ///< of the weights; the few largest are cut so that the others keep their digits
constexpr std::size_t kMaxOrdinary = 2'000;
constexpr float kOrdinary = 0.5F;
constexpr std::size_t kRefilled = 5;         ///< copies of each marked sentence with other values
constexpr std::uint32_t kOrdinaryWords = 2;  ///< times in small letters, and at least half as often as with a capital
constexpr float kMissed = 1.5F;              ///< a word of somebody's that is missed weighs more than an ordinary word that is taken

constexpr std::uint8_t kUnknown = 0xFF;  ///< nobody knows the word's label: it teaches nothing

using Row = std::array<float, kLabels>;

struct Prepared {
  std::vector<pii::Word> words;
  std::vector<std::uint8_t> gold;
  float weight = 1;
};

class Perceptron {
 public:
  explicit Perceptron(const pii::TaggerModel& names) : names_(names), weights_(std::size_t{1} << pii::kTagBits), sums_(weights_.size()) {}

  void walk(const Prepared& text) {
    std::uint8_t before = 0;
    std::uint8_t before_that = 0;
    for (std::size_t at = 0; at < text.words.size(); ++at) {
      std::uint8_t best = 0;
      if (pii::is_candidate(text.words, at, before, names_)) {
        const pii::TagFeatures features = pii::features_at(text.words, at, before, before_that, names_);
        best = decide(features);
        ++step_;
        if (text.gold[at] != kUnknown && best != text.gold[at])
          update(features, text.gold[at], best, text.weight * (best == 0 ? kMissed : 1));
      }
      before_that = before;
      before = best;
    }
  }

  void write(pii::TaggerModel& model) const {
    std::vector<Row> averages(weights_.size());
    std::vector<float> sizes;
    for (std::size_t row = 0; row < weights_.size(); ++row)
      for (std::size_t label = 0; label < kLabels; ++label) {
        averages[row][label] = static_cast<float>(weights_[row][label] - sums_[row][label] / static_cast<double>(step_ + 1));
        if (averages[row][label] != 0) sizes.push_back(std::fabs(averages[row][label]));
      }
    if (sizes.empty()) sizes.push_back(1);
    const auto cut = sizes.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(sizes.size() - 1) * kKeptWhole);
    std::nth_element(sizes.begin(), cut, sizes.end());
    const float scale = 127 / *cut;
    model.weights.resize(weights_.size());
    for (std::size_t row = 0; row < weights_.size(); ++row)
      for (std::size_t label = 0; label < kLabels; ++label)
        model.weights[row][label] = static_cast<std::int8_t>(std::lround(std::clamp(averages[row][label] * scale, -127.0F, 127.0F)));
  }

 private:
  std::uint8_t decide(const pii::TagFeatures& features) const {
    Row scores{};
    for (std::size_t i = 0; i < features.count; ++i)
      for (std::size_t label = 0; label < kLabels; ++label) scores[label] += weights_[features.rows[i]][label];
    return static_cast<std::uint8_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  }

  void update(const pii::TagFeatures& features, std::uint8_t right, std::uint8_t wrong, float rate) {
    const auto step = static_cast<double>(step_);
    for (std::size_t i = 0; i < features.count; ++i) {
      weights_[features.rows[i]][right] += rate;
      weights_[features.rows[i]][wrong] -= rate;
      sums_[features.rows[i]][right] += static_cast<double>(rate) * step;
      sums_[features.rows[i]][wrong] -= static_cast<double>(rate) * step;
    }
  }

  const pii::TaggerModel& names_;
  std::vector<Row> weights_;
  std::vector<std::array<double, kLabels>> sums_;  ///< of updates times the step they came at: the average is what is left
  std::uint64_t step_ = 0;
};

void add_words(pii::NameSet& set, const std::vector<std::string>& names) {
  std::vector<pii::Word> words;
  for (const std::string& name : names) {
    pii::split_words(name, words);
    for (const pii::Word& word : words)
      if (word.end - word.begin > 2) set.add(word.hash);
  }
}

/// Names of countries and of languages, which are those of peoples too, as ICU has them.
void add_countries(Lists& lists) {
  for (const char* const speaker : {"en", "de", "fr", "es", "it", "nl", "pt", "sv"}) {
    const icu::Locale in(speaker);
    const bool english = std::string_view(speaker) == "en";
    for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
      icu::UnicodeString name;
      std::string utf8;
      icu::Locale("", *code).getDisplayCountry(in, name).toUTF8String(utf8);
      for (int i = 0; i < (english ? 4 : 1); ++i) lists.countries.push_back(utf8);
    }
    for (const char* const* code = icu::Locale::getISOLanguages(); *code != nullptr; ++code) {
      if (std::string_view(*code).size() != 2) continue;  // the large languages
      icu::UnicodeString name;
      std::string utf8;
      icu::Locale(*code).getDisplayLanguage(in, name).toUTF8String(utf8);
      for (int i = 0; i < (english ? 4 : 1); ++i) lists.peoples.push_back(utf8);
    }
  }
}

Result<Lists> load_lists(const std::string& folder) {
  Lists lists;
  lists.first_names = TRY(load_lines(folder + "/names/rn_first-names.txt"));
  lists.last_names = TRY(load_lines(folder + "/names/rn_names.txt"));
  lists.places = TRY(load_lines(folder + "/names/rn_places.txt"));
  add_countries(lists);
  return lists;
}

void append(std::vector<LabelledText>& out, std::vector<LabelledText> more, float weight) {
  for (LabelledText& each : more) {
    each.weight = weight;
    out.push_back(std::move(each));
  }
}

}  // namespace

std::vector<std::uint8_t> labels_of(const LabelledText& text, const std::vector<pii::Word>& words) {
  std::vector<std::uint8_t> labels(words.size());
  std::size_t next = 0;
  for (std::size_t at = 0; at < words.size(); ++at) {
    while (next < text.spans.size() && text.spans[next].end <= words[at].begin) ++next;
    if (next == text.spans.size() || text.spans[next].begin >= words[at].end) continue;
    if (const pii::Kind kind = text.spans[next].kind; kind >= pii::Kind::person)
      labels[at] = static_cast<std::uint8_t>(static_cast<std::size_t>(kind) - static_cast<std::size_t>(pii::Kind::person) + 1);
  }
  return labels;
}

namespace {

/// How often each word stands in small letters, and how often with a capital, in whatever people write.
using WordCounts = std::unordered_map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>>;

WordCounts count_words(const std::vector<Example>& examples) {
  WordCounts counts;
  std::vector<pii::Word> words;
  for (const Example& each : examples) {
    pii::split_words(each.text, words);
    for (const pii::Word& word : words) (word.shape == pii::Shape::lower ? counts[word.hash].first : counts[word.hash].second) += 1;
  }
  return counts;
}

/// Rare words stay out of the set, so that there are unknown ones to learn from.
void add_ordinary(pii::NameSet& set, const WordCounts& counts) {
  for (const auto& [hash, count] : counts)
    if (count.first >= kOrdinaryWords && count.first * 2 >= count.second) set.add(hash);
}

/// Prompts in which nobody marked anything: words that stand in small letters far more often than with a capital name nobody; of the
/// rest nothing is known.
std::vector<Prepared> ordinary(const std::vector<Example>& examples, const WordCounts& counts) {
  constexpr std::size_t kOften = 4;
  std::vector<Prepared> all;
  for (const Example& each : examples) {
    if (each.attack || each.indirect || each.text.size() > kMaxOrdinary) continue;
    Prepared text;
    pii::split_words(each.text, text.words);
    for (const pii::Word& word : text.words) {
      const auto [small, capital] = counts.at(word.hash);
      const bool number = word.shape >= pii::Shape::digit && word.shape < pii::Shape::sign && text.words.size() % 3 == 0;
      text.gold.push_back(number || small >= kOften * capital + 1 ? 0 : kUnknown);
    }
    text.weight = kOrdinary;
    all.push_back(std::move(text));
  }
  return all;
}

/// Where only names are marked, nothing is known of numbers and of days.
void forget_dates(Prepared& text) {
  static constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", "jan", "feb", "mar", "apr",
                                               "jun", "jul", "aug", "sep", "oct", "nov", "dec", "die", "mit", "don", "son"};
  for (std::size_t at = 0; at < text.words.size(); ++at) {
    const pii::Word& word = text.words[at];
    const auto is_day = [&](std::string_view day) { return pii::word_hash(day) == word.prefix && word.shape == pii::Shape::title; };
    const bool number = word.shape >= pii::Shape::digit && word.shape <= pii::Shape::letters_and_digits;
    if (text.gold[at] == 0 && (number || std::any_of(std::begin(kDays), std::end(kDays), is_day))) text.gold[at] = kUnknown;
  }
}

}  // namespace

pii::TaggerModel train_tagger(std::span<const LabelledText> sentences, const Lists& lists, const std::vector<Example>& prompts) {
  pii::TaggerModel model;
  add_words(model.people, lists.first_names);
  add_words(model.people, lists.last_names);
  add_words(model.places, lists.places);
  add_words(model.places, lists.countries);
  add_words(model.places, lists.peoples);
  add_words(model.places, {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "april",
                           "june", "july", "august", "september", "october", "november", "december"});
  const WordCounts counts = count_words(prompts);
  add_ordinary(model.ordinary, counts);
  std::vector<Prepared> all = ordinary(prompts, counts);
  for (const LabelledText& each : sentences) {
    Prepared text;
    pii::split_words(each.text, text.words);
    text.gold = labels_of(each, text.words);
    if (each.names_only) forget_dates(text);
    text.weight = each.weight;
    all.push_back(std::move(text));
  }
  Perceptron perceptron(model);
  std::mt19937 random(kSeed);
  for (unsigned epoch = 0; epoch < kEpochs; ++epoch) {
    for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random() % i]);  // std::shuffle differs by library
    for (const Prepared& each : all) perceptron.walk(each);
  }
  perceptron.write(model);
  model.margins = kMargins;
  return model;
}

Result<pii::TaggerModel> train_tagger(const std::string& folder) {
  const Lists lists = TRY(load_lists(folder));
  std::vector<LabelledText> sentences = make_sentences(lists, kMade, kSeed);
  std::vector<LabelledText> marked = TRY(load_sentences(folder + "/pii_train.json"));
  std::erase_if(marked, held_out);
  append(sentences, refilled(marked, sentences, kRefilled, kSeed), 1);
  append(sentences, std::move(marked), 2);
  for (const char* const part : {"a", "b", "e", "f", "g", "h"})
    append(sentences, TRY(load_conll(folder + "/ner/btc/" + part + ".conll", 0, 1)), 0.5F);
  append(sentences, TRY(load_conll(folder + "/ner/wnut17/wnut17train.conll", 0, 1)), 0.5F);
  append(sentences, TRY(load_conll(folder + "/ner/germeval14/NER-de-dev.tsv", 1, 2)), 0.5F);
  append(sentences, TRY(load_conll(folder + "/ner/germeval14/NER-de-test.tsv", 1, 2)), 0.5F);
  return train_tagger(sentences, lists, TRY(load_examples(folder + "/train.jsonl")));
}

}  // namespace bulwark::chat::training
