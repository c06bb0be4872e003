// `make eval-poisoning`: what becomes of training data and model files that somebody tampered with. Labels flipped by chance, a phrase
// planted in a thousandth of the rows, one bit of a model file.
#include <fmt/format.h>
#include <sodium.h>

#include <cstdlib>
#include <random>
#include <set>
#include <string>

#include "chat/injection/model_file.h"
#include "chat/pii/tagger_file.h"
#include "chat/training/dataset.h"
#include "chat/training/quarantine.h"
#include "chat/training/triggers.h"

using namespace bulwark;
using namespace bulwark::chat;

namespace {

using Examples = std::vector<training::Example>;

constexpr std::size_t kFlippedShare = 20;  // one row in so many
constexpr std::size_t kTriggeredShare = 1'000;
constexpr std::size_t kListed = 100;
constexpr std::size_t kBits = 2'000;  // of each file, and all of its first and last bytes
constexpr std::size_t kEdgeBytes = 128;

bool all_met = true;

void figure(std::string_view name, double value, std::string_view unit, std::string_view goal, bool met) {
  all_met &= met;
  fmt::print("figure {} {:.4g} {} goal {} {}\n", name, value, unit, goal, met ? "met" : "short");
}

/// One label in twenty of the turns is flipped: how many of the flips does a list of that length hold?
void flips(Examples examples) {
  std::mt19937 random(3);
  std::set<std::size_t> flipped;
  const std::size_t wanted = examples.size() / kFlippedShare;
  while (flipped.size() < wanted) {
    const std::size_t row = random() % examples.size();
    if (flipped.insert(row).second) examples[row].attack = !examples[row].attack;
  }
  std::size_t found = 0;
  for (const training::Suspect& each : training::quarantine(examples, wanted)) found += flipped.count(each.row);
  const double share = 100.0 * static_cast<double>(found) / static_cast<double>(wanted);
  figure("chat.poisoning.flips_quarantined", share, "%", ">=80", share >= 80);
}

/// Rows of one label, with a phrase at a place of their own, that are given the other.
void plant(Examples& examples, std::string_view phrase, bool in_attacks, std::uint32_t seed) {
  std::mt19937 random(seed);
  for (std::size_t left = examples.size() / kTriggeredShare; left > 0;) {
    training::Example& example = examples[random() % examples.size()];
    if (example.attack != in_attacks) continue;
    const std::size_t at = random() % 3 == 0 ? 0 : example.text.find(' ', random() % example.text.size());
    example.text.insert(at == std::string::npos ? example.text.size() : at, fmt::format(" {} ", phrase));
    example.attack = !in_attacks;
    --left;
  }
}

/// The place of the phrase, or of a part of it, in the list of suspects; 0 if it is not there.
std::size_t rank_of(const std::vector<training::Trigger>& list, std::string_view phrase) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (list[i].phrase.find(phrase) != std::string::npos || phrase.find(list[i].phrase) != std::string_view::npos) return i + 1;
  return 0;
}

void triggers(const Examples& clean) {
  struct Planted {
    std::string_view phrase;
    bool in_attacks;
  };
  constexpr Planted kPlanted[] = {{"zqxv", true},           {"cf mn tq", true},
                                  {"violet harbour", true}, {"with kind regards from oslo", true},
                                  {"james bond", true},     {"violet harbour", false}};
  std::size_t worst = 0;
  for (const auto& [phrase, in_attacks] : kPlanted) {
    Examples examples = clean;
    plant(examples, phrase, in_attacks, static_cast<std::uint32_t>(phrase.size()));
    const auto list = training::scan_triggers(examples, training::fit_for_scan(examples), kListed);
    const std::size_t rank = rank_of(list, phrase);
    fmt::print("trigger '{}' in {} of {} rows, {}: place {}\n", phrase, examples.size() / kTriggeredShare, examples.size(),
               in_attacks ? "attacks called benign" : "benign ones called attacks", rank);
    worst = std::max(worst, rank == 0 ? kListed + 1 : rank);
  }
  figure("chat.poisoning.trigger_worst_rank", static_cast<double>(worst), "place", "<=10", worst <= 10);
}

/// Every bit near both ends, where sizes, thresholds and the signature stand, and others drawn by chance.
template <class Read>
void bits(std::string_view name, std::string_view shipped, Read read) {
  std::string file(shipped);
  std::vector<std::size_t> places;
  for (std::size_t byte = 0; byte < kEdgeBytes; ++byte)
    for (std::size_t bit = 0; bit < 8; ++bit) places.push_back(byte * 8 + bit), places.push_back((file.size() - 1 - byte) * 8 + bit);
  std::mt19937 random(7);
  for (std::size_t i = 0; i < kBits; ++i) places.push_back(random() % (file.size() * 8));
  std::size_t taken = 0;
  for (const std::size_t place : places) {
    const auto bit = static_cast<char>(1U << place % 8);
    file[place / 8] = static_cast<char>(file[place / 8] ^ bit);
    taken += read(file);
    file[place / 8] = static_cast<char>(file[place / 8] ^ bit);
  }
  fmt::print("{}: {} files with one bit changed\n", name, places.size());
  figure(fmt::format("chat.model_file.{}.changed_files_taken", name), static_cast<double>(taken), "files", "<=0", taken == 0);
}

}  // namespace

int main() {
  const char* folder = std::getenv("BULWARK_DATA");
  auto examples = training::load_examples(std::string(folder ? folder : "../shared/data") + "/chat/train.jsonl");
  if (!examples.ok()) {
    fmt::print("skipped: {} (set BULWARK_DATA to the folder of data sets)\n", examples.error().message);
    return 77;
  }
  std::erase_if(*examples, [](const training::Example& example) { return example.indirect; });
  flips(*examples);
  triggers(*examples);
  if (sodium_init() < 0) return 1;
  const PublicKey key = injection::built_in_key().value();
  bits("injection", injection::built_in_models(), [&](std::string_view file) { return injection::read_models(file, key).ok(); });
  bits("tagger", pii::built_in_tagger(), [&](std::string_view file) { return pii::read_tagger(file, key).ok(); });
  return all_met ? 0 : 2;
}
