// All keys that identity checks against, kept fresh in the background: the API key file, and each issuer's key set from its
// file or URL. Requests only ever read what is there; a failed refresh leaves the old keys in force.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "identity/api_keys.h"
#include "identity/jwks.h"
#include "identity/published.h"
#include "identity/refresher.h"
#include "identity/settings.h"

namespace bulwark::identity {

/// Fetches the text behind an issuer's jwks_url.
class KeyFetcher {
 public:
  virtual ~KeyFetcher() = default;
  /// Blocks at most the issuer's fetch_timeout. Called from one thread per issuer.
  virtual Result<std::string> fetch(const IssuerSettings& issuer) = 0;
  /// Fetches in progress and later ones fail at once. Thread-safe.
  virtual void stop() = 0;
};

class Keyring {
 public:
  static constexpr std::chrono::milliseconds kFilePoll{1'000};

  /// `fetcher` may be nullptr when no issuer has a URL. Reads files at once: a configuration that names a broken one is refused. URLs are
  /// fetched in the background; keys of an issuer that `previous` (may be nullptr) has under the same URL serve until then, so that a
  /// reload waits for nobody.
  static Result<std::unique_ptr<Keyring>> create(const Settings& settings, std::unique_ptr<KeyFetcher> fetcher,
                                                 const Keyring* previous = nullptr);
  ~Keyring();

  /// nullptr: no API keys are configured.
  std::shared_ptr<const ApiKeys> api_keys() const { return api_keys_.get(); }
  /// nullptr: not fetched yet.
  std::shared_ptr<const KeySet> issuer_keys(std::size_t issuer) const { return sources_[issuer]->keys.get(); }
  /// Moves when the issuer's keys change, not when they are fetched again unchanged.
  std::uint64_t generation(std::size_t issuer) const { return sources_[issuer]->keys.generation(); }
  /// As Refresher::demand().
  bool refresh(std::size_t issuer, std::function<void()> then) { return sources_[issuer]->refresher->demand(std::move(then)); }

 private:
  struct Source {
    IssuerSettings settings;
    std::string text;         ///< what `keys` was made from; the refresher's thread only, once it runs
    std::uint64_t stamp = 0;  ///< of the file that `text` came from
    Published<KeySet> keys;
    std::unique_ptr<Refresher> refresher;
  };
  Result<void> load(Source& source);
  Result<void> watch_api_keys(const std::string& file);
  Result<void> load_api_keys(const std::string& file);
  Result<void> watch(std::unique_ptr<Source> source, const Keyring* previous);

  std::unique_ptr<KeyFetcher> fetcher_;  ///< nullptr if no issuer has a URL
  std::vector<std::unique_ptr<Source>> sources_;
  std::uint64_t api_keys_stamp_ = 0;
  Published<ApiKeys> api_keys_;
  std::unique_ptr<Refresher> api_keys_refresher_;
};

}  // namespace bulwark::identity
