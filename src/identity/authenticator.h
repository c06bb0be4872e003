// Finds out who sends a request: from an API key or a JSON Web Token in its headers, against the keyring. One object serves
// all workers and routes; what a route then requires is the stage's affair.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip.h"
#include "base/keyed_hash.h"
#include "base/rate_table.h"
#include "base/result.h"
#include "gateway/exchange.h"
#include "identity/jwt.h"
#include "identity/keyring.h"
#include "identity/settings.h"
#include "identity/token_cache.h"
#include "trace/principal.h"

namespace bulwark::identity {

/// What a request's headers present, before anything is checked.
struct Presented {
  enum class Kind : std::uint8_t { nothing, foreign, api_key, token, ambiguous };
  Kind kind = Kind::nothing;
  std::string_view text;
};
Presented presented(const gateway::Headers& headers);

struct Outcome {
  enum class Kind : std::uint8_t {
    anonymous,  ///< nothing was presented, or nothing that is meant for us
    known,
    refused,  ///< a credential of ours that does not hold
    limited,  ///< the source has used up its signature checks for now
    wait,     ///< `resume` will be called when the issuer's keys were fetched
  };
  Kind kind = Kind::anonymous;
  trace::Principal principal;
  std::string_view rule;  ///< refused or limited: static storage, "identity.jwt"
  std::string reason;     ///< for the record
  Duration retry_after{0};
};

class Authenticator {
 public:
  /// `previous` (may be nullptr) lends its fetched keys over a reload.
  static Result<std::shared_ptr<Authenticator>> create(const Settings& settings, std::unique_ptr<KeyFetcher> fetcher,
                                                       const Authenticator* previous = nullptr, const Clock& clock = system_clock());

  /// `resumer` makes the callback for `wait`; a request that `has_waited` is not asked to wait again.
  /// Errors, origin upstream: the issuer's keys could not be had yet, so nothing can be said about the token.
  Result<Outcome> authenticate(const Presented& credential, const IpAddress& client, bool has_waited,
                               const std::function<std::function<void()>()>& resumer);

  const Settings& settings() const { return settings_; }
  const Keyring& keyring() const { return *keyring_; }

 private:
  Authenticator(const Settings& settings, std::unique_ptr<Keyring> keyring, const Clock& clock);
  Outcome check_api_key(std::string_view key) const;
  Result<Outcome> check_token(std::string_view text, const IpAddress& client, bool has_waited,
                              const std::function<std::function<void()>()>& resumer);
  Result<Outcome> verify(const Token& token, std::size_t issuer, const crypto::Digest& digest, const IpAddress& client,
                         const crypto::VerifyKey& key, std::uint64_t generation);
  std::optional<std::size_t> issuer_of(const Token& token) const;

  const Settings settings_;
  const Clock& clock_;
  std::unique_ptr<Keyring> keyring_;
  TokenCache cache_;
  RateTable budget_;
  const Rate budget_rate_;
  const KeyedHash hash_;
};

}  // namespace bulwark::identity
