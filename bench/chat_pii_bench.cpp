// `make eval-pii`: the recognisers and the tagger on the templates of pii_train.json that the tagger did not see, and how often they
// find something in ordinary prompts. Places and addresses count as one kind, since the set does not keep them apart; spans of one
// kind that only signs separate are one; a span is found if what was found overlaps it by nine tenths (of both together).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "chat/injection/model_file.h"
#include "chat/pii/checksums.h"
#include "chat/pii/redactor.h"
#include "chat/pii/tagger_file.h"
#include "chat/training/dataset.h"
#include "chat/training/labelled_text.h"

using namespace bulwark;
using namespace bulwark::chat;
using pii::Kind;
using pii::Span;

namespace {

constexpr double kOverlap = 0.9;

bool all_met = true;

void at_least(std::string_view name, double value, double bar) {
  all_met &= value >= bar;
  fmt::print("figure {} {:.3f} share goal >={} {}\n", name, value, bar, value >= bar ? "met" : "short");
}

Kind scored(Kind kind) { return kind == Kind::address ? Kind::location : kind; }

bool joins(std::string_view between) {
  return std::none_of(between.begin(), between.end(), [](char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || static_cast<unsigned char>(c) >= 0x80;
  });
}

std::vector<Span> merged(const std::vector<Span>& spans, std::string_view text) {
  std::vector<Span> out;
  for (const Span& span : spans) {
    if (!out.empty() && scored(out.back().kind) == scored(span.kind) && joins(text.substr(out.back().end, span.begin - out.back().end)))
      out.back().end = span.end;
    else
      out.push_back(span);
  }
  return out;
}

bool matches(const Span& a, const Span& b) {
  if (scored(a.kind) != scored(b.kind) || a.end <= b.begin || b.end <= a.begin) return false;
  const auto both = static_cast<double>(std::min(a.end, b.end) - std::max(a.begin, b.begin));
  return both / static_cast<double>(std::max(a.end, b.end) - std::min(a.begin, b.begin)) >= kOverlap;
}

bool covers(const std::vector<Span>& spans, const pii::Word& word) {
  return std::any_of(spans.begin(), spans.end(), [&](const Span& span) { return span.begin < word.end && word.begin < span.end; });
}

struct Counts {
  std::size_t gold = 0;
  std::size_t found = 0;
  std::size_t right = 0;  ///< of those found
};

/// A card number that passes Luhn, or an account that passes MOD 97.
bool has_checksum(const Span& span, std::string_view text) {
  std::string plain;
  for (char c : text.substr(span.begin, span.end - span.begin))
    if (c != ' ' && c != '-') plain.push_back(c);
  return span.kind == Kind::card ? pii::luhn_valid(plain) : span.kind == Kind::iban && pii::iban_valid(plain);
}

class Score {
 public:
  void add(const training::LabelledText& sentence, const std::vector<Span>& found) {
    ++sentences_;
    templates_.insert(sentence.pattern);
    const std::vector<Span> gold = merged(sentence.spans, sentence.text);
    const std::vector<Span> joined = merged(found, sentence.text);
    for (const Span& span : gold) ++of(span).gold;
    for (const Span& span : joined) {
      ++of(span).found;
      of(span).right += std::any_of(gold.begin(), gold.end(), [&](const Span& each) { return matches(span, each); });
    }
    for (const Span& span : sentence.spans) {
      if (!has_checksum(span, sentence.text)) continue;
      ++checked_;
      checked_found_ += std::any_of(found.begin(), found.end(), [&](const Span& each) { return each == span; });
    }
    words(sentence, found);
  }

  void print() const {
    Counts all;
    for (std::size_t kind = 0; kind < pii::kKinds; ++kind) {
      const Counts& each = kinds_[kind];
      if (each.gold + each.found == 0) continue;
      fmt::print("{:<13} {:>4} marked, {:>4} found, {:>4} rightly\n", pii::kKindNames[kind], each.gold, each.found, each.right);
      all.gold += each.gold, all.found += each.found, all.right += each.right;
    }
    const double precision = static_cast<double>(all.right) / static_cast<double>(all.found);
    const double recall = static_cast<double>(all.right) / static_cast<double>(all.gold);
    fmt::print("{} sentences of {} templates; span precision {:.3f}, recall {:.3f}; word precision {:.3f}\n", sentences_, templates_.size(),
               precision, recall, static_cast<double>(words_right_) / static_cast<double>(words_found_));
    at_least("pii.span_f2", 5 * precision * recall / (4 * precision + recall), 0.85);
    at_least("pii.token_recall", static_cast<double>(words_right_) / static_cast<double>(words_), 0.97);
    at_least("pii.checksummed_recall", static_cast<double>(checked_found_) / static_cast<double>(checked_), 0.99);
  }

 private:
  Counts& of(const Span& span) { return kinds_[static_cast<std::size_t>(scored(span.kind))]; }

  void words(const training::LabelledText& sentence, const std::vector<Span>& found) {
    std::vector<pii::Word> all;
    pii::split_words(sentence.text, all);
    for (const pii::Word& word : all) {
      if (word.shape >= pii::Shape::sign) continue;
      const bool marked = covers(sentence.spans, word);
      const bool seen = covers(found, word);
      words_ += marked, words_found_ += seen, words_right_ += marked && seen;
    }
  }

  std::array<Counts, pii::kKinds> kinds_{};
  std::set<std::string> templates_;
  std::size_t sentences_ = 0;
  std::size_t words_ = 0;
  std::size_t words_found_ = 0;
  std::size_t words_right_ = 0;
  std::size_t checked_ = 0;
  std::size_t checked_found_ = 0;
};

/// Prompts that the tagger was not trained on; what it finds there may be somebody's name all the same.
void benign(const std::string& folder, const pii::TaggerModel& tagger) {
  const auto set = training::load_examples(folder + "/dev.jsonl");
  if (!set.ok()) return;
  std::size_t rows = 0;
  std::array<std::size_t, pii::kKinds> hit{};
  for (const training::Example& each : *set) {
    if (each.attack || each.indirect) continue;
    ++rows;
    std::set<Kind> kinds;
    for (const Span& span : pii::find(&tagger, each.text, pii::kAllKinds)) kinds.insert(span.kind);
    for (const Kind kind : kinds) ++hit[static_cast<std::size_t>(kind)];
  }
  for (std::size_t kind = 0; kind < pii::kKinds; ++kind)
    fmt::print("benign prompts with {:<13} {:>5.2f} %\n", pii::kKindNames[kind],
               100.0 * static_cast<double>(hit[kind]) / static_cast<double>(rows));
}

}  // namespace

int main() {
  const char* data = std::getenv("BULWARK_DATA");
  const std::string folder = std::string(data ? data : "../shared/data") + "/chat";
  const auto sentences = training::load_sentences(folder + "/pii_train.json");
  if (!sentences.ok()) {
    fmt::print("skipped: {} (set BULWARK_DATA to the folder of data sets)\n", sentences.error().message);
    return 77;
  }
  const auto tagger = pii::read_tagger(pii::built_in_tagger(), injection::built_in_key().value());
  if (!tagger.ok()) {
    fmt::print("{}\n", tagger.error().message);
    return 1;
  }
  Score score;
  for (const training::LabelledText& sentence : *sentences)
    if (training::held_out(sentence)) score.add(sentence, pii::find(&*tagger, sentence.text, pii::kAllKinds));
  score.print();
  benign(folder, *tagger);
  return all_met ? 0 : 2;
}
