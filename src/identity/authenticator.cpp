// The order of checks: cheap ones first, a signature last and only within the source's budget.
#include "identity/authenticator.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace bulwark::identity {
namespace {

constexpr std::size_t kBudgetSources = 64 * 1024;

using Kind = Outcome::Kind;

Outcome refused(std::string_view rule, std::string reason) { return {.kind = Kind::refused, .rule = rule, .reason = std::move(reason)}; }

bool is_bearer(std::string_view value) {
  constexpr std::string_view kScheme = "bearer ";
  return value.size() > kScheme.size() &&
         std::ranges::equal(kScheme, value.substr(0, kScheme.size()), {}, {}, [](unsigned char c) { return std::tolower(c); });
}

/// A bearer token is ours by its look: an API key's prefix, or the two dots of a compact JWS.
Presented bearer(std::string_view value) {
  std::string_view text = value.substr(value.find(' '));
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.starts_with(ApiKeys::kPrefix)) return {Presented::Kind::api_key, text};
  if (std::ranges::count(text, '.') == 2) return {Presented::Kind::token, text};
  return {Presented::Kind::foreign, {}};
}

}  // namespace

Presented presented(const gateway::Headers& headers) {
  Presented found;
  for (const auto& header : headers.list) {
    const bool authorization = gateway::same_header(header.name, "authorization");
    const bool our_key = gateway::same_header(header.name, "x-api-key") && header.value.starts_with(ApiKeys::kPrefix);
    if (!authorization && !our_key) continue;
    // Which of two counts would depend on who reads them: we, or the app behind us.
    if (found.kind != Presented::Kind::nothing) return {Presented::Kind::ambiguous, {}};
    if (our_key)
      found = {Presented::Kind::api_key, header.value};
    else
      found = is_bearer(header.value) ? bearer(header.value) : Presented{Presented::Kind::foreign, {}};
  }
  return found;
}

Result<std::shared_ptr<Authenticator>> Authenticator::create(const Settings& settings, std::unique_ptr<KeyFetcher> fetcher,
                                                             const Authenticator* previous, const Clock& clock) {
  auto keyring = TRY(Keyring::create(settings, std::move(fetcher), previous != nullptr ? previous->keyring_.get() : nullptr));
  return std::shared_ptr<Authenticator>(new Authenticator(settings, std::move(keyring), clock));
}

Authenticator::Authenticator(const Settings& settings, std::unique_ptr<Keyring> keyring, const Clock& clock)
    : settings_(settings),
      clock_(clock),
      keyring_(std::move(keyring)),
      cache_(static_cast<std::size_t>(settings.cached_tokens)),
      budget_(kBudgetSources),
      budget_rate_{Duration(std::chrono::seconds(1)) / settings.verifications_per_second,
                   static_cast<std::uint32_t>(settings.verification_burst)} {}

Result<Outcome> Authenticator::authenticate(const Presented& credential, const IpAddress& client, bool has_waited,
                                            const std::function<std::function<void()>()>& resumer) {
  switch (credential.kind) {
    case Presented::Kind::api_key: return check_api_key(credential.text);
    case Presented::Kind::token: return check_token(credential.text, client, has_waited, resumer);
    case Presented::Kind::ambiguous: return refused("identity.ambiguous", "more than one credential in one request");
    case Presented::Kind::nothing:
    case Presented::Kind::foreign: break;
  }
  return Outcome{};
}

Outcome Authenticator::check_api_key(std::string_view text) const {
  const auto keys = keyring_->api_keys();
  if (!keys) return refused("identity.api_key", "an API key where none are configured");
  const auto key = keys->verify(text, clock_.wall());
  if (!key.ok()) return refused("identity.api_key", key.error().message);
  const ApiKey& found = **key;
  return {.kind = Kind::known,
          .principal = {.user = found.user,
                        .tenant = found.tenant,
                        .roles = found.roles,
                        .credential = trace::Credential::api_key,
                        .credential_id = found.id}};
}

std::optional<std::size_t> Authenticator::issuer_of(const Token& token) const {
  for (std::size_t i = 0; i < settings_.issuers.size(); ++i)
    if (settings_.issuers[i].issuer == token.issuer()) return i;
  return std::nullopt;
}

Result<Outcome> Authenticator::check_token(std::string_view text, const IpAddress& client, bool has_waited,
                                           const std::function<std::function<void()>()>& resumer) {
  if (settings_.issuers.empty()) return Outcome{};  // JWTs are the app's own business here
  if (text.size() > kMaxTokenBytes) return refused("identity.jwt", "token too long");
  const crypto::Digest digest = crypto::sha256(text);
  if (const auto cached = cache_.find(digest, clock_.wall()); cached && cached->generation == keyring_->generation(cached->issuer))
    return Outcome{.kind = Kind::known, .principal = cached->principal};

  const auto token = parse_token(text);
  if (!token.ok()) return refused("identity.jwt", token.error().message);
  const auto issuer = issuer_of(*token);
  if (!issuer) return refused("identity.jwt", "token of an unknown issuer");
  const auto& algorithms = settings_.issuers[*issuer].algorithms;
  if (std::ranges::find(algorithms, static_cast<Algorithm>(token->algorithm)) == algorithms.end())
    return refused("identity.jwt", "token with an algorithm that its issuer does not use");

  const std::uint64_t generation = keyring_->generation(*issuer);  // before the keys: too old costs a check, too new would lie
  const auto keys = keyring_->issuer_keys(*issuer);
  const auto* key = keys ? keys->find(token->kid, token->algorithm) : nullptr;
  if (key != nullptr) return verify(*token, *issuer, digest, client, *key, generation);
  if (!has_waited && keyring_->refresh(*issuer, resumer())) return Outcome{.kind = Kind::wait};
  if (!keys) return upstream_error(Code::unavailable, "the issuer's keys could not be fetched yet");
  return refused("identity.jwt", "token signed with an unknown key");
}

Result<Outcome> Authenticator::verify(const Token& token, std::size_t issuer, const crypto::Digest& digest, const IpAddress& client,
                                      const crypto::VerifyKey& key, std::uint64_t generation) {
  auto claims = judge_claims(token.payload.root(), settings_.issuers[issuer], clock_.wall());
  if (!claims.ok()) return refused("identity.jwt", claims.error().message);
  const RateAnswer budget = budget_.take(hash_(client.source_bytes()), budget_rate_, clock_.mono());
  if (!budget.allowed)
    return Outcome{.kind = Kind::limited,
                   .rule = "identity.budget",
                   .reason = "too many signatures to check for one source",
                   .retry_after = budget.retry_after};
  if (!key.verify(token.signed_part, token.signature)) return refused("identity.jwt", "token whose signature does not hold");
  auto verified = std::make_shared<VerifiedToken>();
  verified->principal = std::move(claims->principal);
  if (verified->principal.credential_id.empty())
    verified->principal.credential_id = "sha256:" + crypto::base64url(crypto::as_bytes(digest).substr(0, 12));
  verified->expires = claims->expires;
  verified->issuer = issuer;
  verified->generation = generation;
  cache_.put(digest, verified);
  return Outcome{.kind = Kind::known, .principal = verified->principal};
}

}  // namespace bulwark::identity
