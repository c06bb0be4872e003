// Load, fit, sign, write.
#include "chat/train.h"
#include "base/hex.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "chat/pii/tagger_file.h"
#include "chat/training/evaluation.h"
#include "chat/training/injection_training.h"
#include "chat/training/phrases.h"
#include "chat/training/quarantine.h"
#include "chat/training/tagger_training.h"
#include "chat/training/triggers.h"

namespace bulwark::chat::training {

namespace {

constexpr std::size_t kQuarantined = 100;  // one row in so many is listed
constexpr std::size_t kTriggers = 50;
constexpr std::size_t kPhraseAttacks = 200;  // of each language
constexpr std::size_t kPhraseHonest = 300;   // more, since the labelled sets have attacks in languages of which they have no honest turn

Result<void> write_file(const std::string& path, std::string_view bytes, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (file < 0) return errno_error("cannot write " + path);
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = ::write(file, bytes.data() + done, bytes.size() - done);
    if (wrote < 0) {
      const Error error = errno_error("cannot write " + path);
      ::close(file);
      return error;
    }
    done += static_cast<std::size_t>(wrote);
  }
  if (::close(file) != 0) return errno_error("cannot write " + path);
  return {};
}

/// The secret key's second half is the public key (libsodium's form).
Result<SecretKey> signing_key(const std::string& path) {
  SecretKey secret{};
  PublicKey unused{};
  if (std::ifstream file(path); file) {
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    std::size_t size = 0;
    if (sodium_hex2bin(secret.data(), secret.size(), text.data(), text.size(), "\n", &size, nullptr) != 0 || size != secret.size())
      return config_error(path + " does not hold 128 hexadecimal digits");
    return secret;
  }
  crypto_sign_keypair(unused.data(), secret.data());
  TRY(write_file(path, to_hex(secret) + "\n", 0600));
  return secret;
}

/// The rows of one file by line and kind, and how many of each kind there are.
struct PersonalReport {
  std::string table = "file\tline\tkind\tvalues\n";
  std::array<std::size_t, pii::kKinds> kinds{};
  std::string first;  ///< "train.jsonl:17 (email)"
  std::size_t rows = 0;

  void add(std::string_view file, std::span<const Example> examples) {
    std::size_t last = 0;
    for (const PersonalRow& row : find_personal_data(examples)) {
      table += fmt::format("{}\t{}\t{}\t{}\n", file, row.line, pii::to_string(row.kind), row.values);
      if (first.empty()) first = fmt::format("{}:{} ({})", file, row.line, pii::to_string(row.kind));
      kinds[static_cast<std::size_t>(row.kind)] += row.values;
      rows += row.line != std::exchange(last, row.line);
    }
  }
  std::string in_words() const {
    std::string words;
    for (std::size_t kind = 0; kind < pii::kKinds; ++kind)
      if (kinds[kind] > 0) words += fmt::format("{}{} {}", words.empty() ? "" : ", ", kinds[kind], pii::kKindNames[kind]);
    return fmt::format("{} rows with personal data or credentials ({})", rows, words);
  }
};

/// What becomes of rows with personal data; the sentence about it for the summary.
Result<std::string> settle_personal_data(const TrainCommand& command, std::vector<Example>& train_set, std::vector<Example>& dev_set) {
  PersonalReport report;
  report.add("train.jsonl", train_set);
  report.add("dev.jsonl", dev_set);
  const auto list = (std::filesystem::path(command.output).parent_path() / "personal_data.tsv").string();
  TRY(write_file(list, report.table, 0644));
  if (report.rows == 0) return std::string();
  if (command.personal_data == PersonalData::refuse)
    return Error{Code::denied, Origin::config,
                 fmt::format("{}; the first is {}, all are listed by line in {}. Take them out, or say --personal-data redact to have "
                             "surrogates in the values' places, or --personal-data keep",
                             report.in_words(), report.first, list)};
  if (command.personal_data == PersonalData::keep) return "; " + report.in_words() + " kept";
  TRY(redact(train_set));
  TRY(redact(dev_set));
  return "; " + report.in_words() + " redacted";
}

/// Rows to look at, without their texts: line of train.jsonl, set, label, disagreement.
std::string suspects(std::span<const Example> examples) {
  std::string out = "row\tset\tlabel\tdisagreement\n";
  for (const Suspect& each : quarantine(examples, examples.size() / kQuarantined))
    out += fmt::format("{}\t{}\t{}\t{:.2f}\n", examples[each.row].line, examples[each.row].source, examples[each.row].attack ? 1 : 0,
                       each.disagreement);
  return out;
}

/// Phrases to look at: what an unknown hand may have planted.
std::string triggers(std::span<const Example> examples) {
  std::string out = "phrase\tlabel\trows\theld\n";
  for (const Trigger& each : scan_triggers(examples, fit_for_scan(examples), kTriggers))
    out += fmt::format("{}\t{}\t{}\t{:.2f}\n", each.phrase, each.says_attack ? 1 : 0, each.rows, each.held);
  return out;
}

/// The rows and, behind them, what the patterns give.
Result<std::vector<Example>> with_phrases(std::vector<Example> rows, const std::string& folder) {
  if (folder.empty()) return rows;
  std::vector<Example> phrases = TRY(load_phrases(folder, kPhraseAttacks, kPhraseHonest));
  std::move(phrases.begin(), phrases.end(), std::back_inserter(rows));
  return rows;
}

/// The tagger's model beside the other, if the folder has what it is made of.
Result<void> train_names(const TrainCommand& command, const SecretKey& secret) {
  if (!std::filesystem::exists(command.data + "/pii_train.json")) return {};
  pii::TaggerModel tagger = TRY(train_tagger(command.data));
  tagger.name = "tagger " + to_rfc3339(system_clock().wall()).substr(0, 10);
  const auto beside = std::filesystem::path(command.output).parent_path() / "tagger.bwpt";
  return write_file(beside.string(), pii::write_tagger(tagger, secret), 0644);
}

}  // namespace

Result<std::string> train(const TrainCommand& command) {
  if (sodium_init() < 0) return internal_error(Code::unavailable, "libsodium could not be initialised");
  auto train_set = TRY(load_examples(command.data + "/train.jsonl"));
  auto dev_set = TRY(load_examples(command.data + "/dev.jsonl"));
  const std::string personal = TRY(settle_personal_data(command, train_set, dev_set));
  std::vector<Example> fitted = TRY(with_phrases(train_set, command.phrases));
  if (!command.also.empty()) {
    std::vector<Example> also = TRY(load_examples(command.also));
    std::move(also.begin(), also.end(), std::back_inserter(fitted));
  }
  const SecretKey secret = TRY(signing_key(command.key_file));
  injection::Models models = train_injection(fitted, dev_set);
  models.name = "injection " + to_rfc3339(system_clock().wall()).substr(0, 10);
  TRY(write_file(command.output, injection::write_models(models, secret), 0644));
  PublicKey key{};
  std::copy(secret.begin() + 32, secret.end(), key.begin());
  const auto folder = std::filesystem::path(command.output).parent_path();
  TRY(write_file((folder / "signing_key.pub").string(), to_hex(key) + "\n", 0644));
  TRY(write_file((folder / "quarantine.tsv").string(), suspects(train_set), 0644));
  TRY(write_file((folder / "triggers.tsv").string(), triggers(train_set), 0644));
  TRY(train_names(command, secret));
  const injection::Detector detector(std::move(models));
  return fmt::format("{}: {} examples; on the second set {:.1f} % of attacks found at {:.2f} % false alarms{}", command.output,
                     fitted.size(), 100 * flagged_share(detector, dev_set, true), 100 * flagged_share(detector, dev_set, false), personal);
}

}  // namespace bulwark::chat::training
