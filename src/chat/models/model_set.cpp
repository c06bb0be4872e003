// Read, verify, parse, try.
#include "chat/models/model_set.h"

#include <fmt/format.h>

#include <fstream>

#include "base/hex.h"
#include "chat/injection/model_file.h"
#include "chat/pii/tagger_file.h"
#include "chat/training/dataset.h"

namespace bulwark::chat::models {

namespace {

constexpr std::size_t kMaxCanaries = 10'000;

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return config_error("cannot read the model file " + path);
  std::string bytes(kMaxModelBytes + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

Result<File> configured(const std::string& path, std::string_view built_in) {
  if (path.empty()) return make_file(std::string(built_in), true);
  return make_file(TRY(read_file(path)), false);
}

Result<PublicKey> key_for(const File& file, const Settings& settings) {
  if (file.built_in || settings.model_key.empty()) return injection::built_in_key();
  return parse_public_key(settings.model_key);
}

Result<std::vector<training::Example>> own_canaries(const CanarySettings& settings) {
  if (settings.file.empty()) return std::vector<training::Example>();
  auto rows = TRY(training::load_examples(settings.file));
  if (rows.size() > kMaxCanaries) return config_error(fmt::format("{}: more than {} canaries", settings.file, kMaxCanaries));
  return rows;
}

}  // namespace

std::string short_digest(const crypto::Digest& digest) { return to_hex(digest).substr(0, 12); }

File make_file(std::string bytes, bool built_in) {
  File file;
  file.digest = crypto::sha256(bytes);
  file.bytes = std::move(bytes);
  file.built_in = built_in;
  return file;
}

Result<Files> configured_files(const Settings& settings) {
  return Files{TRY(configured(settings.models, injection::built_in_models())), TRY(configured(settings.tagger, pii::built_in_tagger()))};
}

std::string ModelSet::in_words() const {
  return fmt::format("{} ({}) and {} ({})", detector->models().name, short_digest(injection_digest), tagger->name,
                     short_digest(tagger_digest));
}

Result<ModelSet> make_set(const Files& files, const Settings& settings) {
  ModelSet set;
  const PublicKey injection_key = TRY(key_for(files.injection, settings));
  const PublicKey tagger_key = TRY(key_for(files.tagger, settings));
  set.detector = std::make_shared<const injection::Detector>(TRY(injection::read_models(files.injection.bytes, injection_key)));
  set.tagger = std::make_shared<const pii::TaggerModel>(TRY(pii::read_tagger(files.tagger.bytes, tagger_key)));
  set.injection_digest = files.injection.digest;
  set.tagger_digest = files.tagger.digest;
  const Trial trial = try_out(*set.detector, *set.tagger, TRY(own_canaries(settings.canaries)), settings.canaries);
  set.trial = trial.in_words();
  if (!trial.passed()) return Error{Code::denied, Origin::config, fmt::format("{} did not pass the trial: {}", set.in_words(), set.trial)};
  return set;
}

}  // namespace bulwark::chat::models
