// Loading of key files and key sets, and what is refreshed when.
#include "identity/keyring.h"

#include <utility>

#include "identity/bounded_file.h"

namespace bulwark::identity {

Result<std::unique_ptr<Keyring>> Keyring::create(const Settings& settings, std::unique_ptr<KeyFetcher> fetcher, const Keyring* previous) {
  auto ring = std::make_unique<Keyring>();
  ring->fetcher_ = std::move(fetcher);
  if (!settings.api_keys_file.empty()) TRY(ring->watch_api_keys(settings.api_keys_file));
  for (const auto& issuer : settings.issuers) {
    auto source = std::make_unique<Source>();
    source->settings = issuer;
    if (!issuer.jwks_url.empty() && ring->fetcher_ == nullptr) return internal_error(Code::invalid, "no fetcher for jwks_url");
    TRY(ring->watch(std::move(source), previous));
  }
  return ring;
}

Keyring::~Keyring() {
  if (fetcher_) fetcher_->stop();  // so that no refresher keeps its destructor waiting
}

Result<void> Keyring::watch_api_keys(const std::string& file) {
  TRY(load_api_keys(file));
  api_keys_refresher_ = std::make_unique<Refresher>(
      RefreshPlan{
          .what = "API key file", .load = [this, file] { return load_api_keys(file); }, .every = kFilePoll, .at_most_every = kFilePoll},
      true);
  return {};
}

Result<void> Keyring::load_api_keys(const std::string& file) {
  const std::uint64_t stamp = file_stamp(file);
  if (stamp != 0 && stamp == api_keys_stamp_) return {};
  api_keys_.set(std::make_shared<const ApiKeys>(TRY(ApiKeys::load(file))));
  api_keys_stamp_ = stamp;
  return {};
}

Result<void> Keyring::load(Source& source) {
  const bool from_file = !source.settings.jwks_file.empty();
  const std::uint64_t stamp = from_file ? file_stamp(source.settings.jwks_file) : 0;
  if (stamp != 0 && stamp == source.stamp) return {};
  std::string text =
      from_file ? TRY(read_bounded_file(source.settings.jwks_file, KeySet::kMaxBytes)) : TRY(fetcher_->fetch(source.settings));
  if (text != source.text) {
    source.keys.set(std::make_shared<const KeySet>(TRY(KeySet::parse(text))));
    source.text = std::move(text);
  }
  source.stamp = stamp;
  return {};
}

Result<void> Keyring::watch(std::unique_ptr<Source> source, const Keyring* previous) {
  const IssuerSettings& settings = source->settings;
  const bool from_file = !settings.jwks_file.empty();
  if (from_file) TRY(load(*source));
  if (!from_file && previous != nullptr)
    for (const auto& old : previous->sources_)
      if (old->settings.issuer == settings.issuer && old->settings.jwks_url == settings.jwks_url && old->keys.get())
        source->keys.set(old->keys.get());
  RefreshPlan plan{.what = "keys of issuer " + settings.issuer,
                   .load = [this, raw = source.get()] { return load(*raw); },
                   .every = from_file ? kFilePoll : settings.refresh,
                   .at_most_every = from_file ? kFilePoll : settings.min_refresh};
  source->refresher = std::make_unique<Refresher>(std::move(plan), from_file);
  sources_.push_back(std::move(source));
  return {};
}

}  // namespace bulwark::identity
