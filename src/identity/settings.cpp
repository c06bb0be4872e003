// Names, help and bounds of identity's settings.
#include "identity/settings.h"

#include <algorithm>

namespace bulwark::identity {
namespace {

bool loopback_http(const std::string& url) {
  return url.starts_with("http://127.") || url.starts_with("http://[::1]") || url.starts_with("http://localhost:") ||
         url.starts_with("http://localhost/");
}

std::string issuer_problem(const IssuerSettings& issuer) {
  if (issuer.jwks_url.empty() == issuer.jwks_file.empty()) return "an issuer needs either jwks_url or jwks_file";
  if (!issuer.jwks_url.empty() && !issuer.jwks_url.starts_with("https://") && !loopback_http(issuer.jwks_url))
    return "jwks_url must be https (http only to this machine): who can change the keys can be anybody";
  if (issuer.audiences.empty()) return "an issuer needs audiences: a token made for another service must not open this one";
  if (issuer.algorithms.empty()) return "an issuer needs at least one algorithm";
  return {};
}

std::string settings_problem(const Settings& settings) {
  if (settings.issuers.size() > Settings::kMaxIssuers) return "too many issuers";
  for (std::size_t i = 0; i < settings.issuers.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (settings.issuers[i].issuer == settings.issuers[j].issuer) return "two entries for one issuer";
  return {};
}

std::string route_problem(const RouteSettings& route) {
  if (route.require.empty()) return "require needs none, any, or roles";
  const bool reserved = std::ranges::any_of(route.require, [](const auto& word) { return word == "none" || word == "any"; });
  return reserved && route.require.size() > 1 ? "none and any stand alone in require" : "";
}

}  // namespace

config::EnumNames<Algorithm> enum_names(Algorithm) {
  return {{{"RS256", Algorithm::rs256}, {"ES256", Algorithm::es256}, {"EdDSA", Algorithm::eddsa}}};
}

void describe(config::Object<IssuerSettings>& object) {
  using S = IssuerSettings;
  object
      .field("issuer", &S::issuer,
             {.help = "The iss claim of its tokens, character for character.", .example = "https://login.example.com/", .required = true})
      .field("audiences", &S::audiences,
             {.help = "Names of this service; a token must carry one of them in aud.", .example = "[shop]", .required = true})
      .field("jwks_url", &S::jwks_url, {.help = "Where its public keys are (RFC 7517).", .example = "https://login.example.com/jwks"})
      .field("jwks_file", &S::jwks_file,
             {.help = "Its public keys as a file, read again when it changes.", .example = "/etc/bulwark/jwks.json"})
      .field("ca_file", &S::ca_file,
             {.help = "Certificates to trust for jwks_url instead of the system's.", .example = "/etc/bulwark/idp-ca.pem"})
      .field("algorithms", &S::algorithms, {.help = "Signatures to accept.", .example = "[ES256]"})
      .field("user_claim", &S::user_claim, {.help = "The claim that names the user.", .example = "email"})
      .field("tenant_claim", &S::tenant_claim, {.help = "The claim that names the tenant.", .example = "org_id"})
      .field("roles_claim", &S::roles_claim,
             {.help = "The claim that lists roles; dots reach into objects.", .example = "realm_access.roles"})
      .field("clock_skew", &S::clock_skew, {.help = "How far clocks may differ.", .example = "30s", .min = 0, .max = 600'000})
      .field("refresh", &S::refresh, {.help = "Keys are fetched anew this often.", .example = "10min", .min = 100, .max = 86'400'000})
      .field("min_refresh", &S::min_refresh,
             {.help = "Tokens with an unknown key id cause a fetch at most this often.", .example = "10s", .min = 10, .max = 3'600'000})
      .field("fetch_timeout", &S::fetch_timeout,
             {.help = "A fetch of keys may take this long.", .example = "5s", .min = 100, .max = 60'000})
      .check(issuer_problem);
}

void describe(config::Object<Settings>& object) {
  using S = Settings;
  object
      .field("api_keys_file", &S::api_keys_file,
             {.help = "API keys, made with bulwark key new; read again when it changes.", .example = "/etc/bulwark/api_keys"})
      .field("issuers", &S::issuers, {.help = "Whose JSON Web Tokens are believed."})
      .field("forward_tokens", &S::forward_tokens, {.help = "Pass JWTs on to the app. API keys are never passed on.", .example = "false"})
      .field("identity_headers", &S::identity_headers,
             {.help = "Tell the app who it is in X-Bulwark-User, -Tenant and -Roles; from clients these are always removed.",
              .example = "true"})
      .field("cached_tokens", &S::cached_tokens,
             {.help = "Verified tokens remembered until they expire.", .example = "50000", .min = 64, .max = 10'000'000})
      .field("verifications_per_second", &S::verifications_per_second,
             {.help = "Signatures checked a second for one source address, beyond remembered tokens.",
              .example = "50",
              .min = 1,
              .max = 100'000})
      .field("verification_burst", &S::verification_burst,
             {.help = "How many of these at once.", .example = "100", .min = 1, .max = 1'000'000})
      .check(settings_problem);
}

void describe(config::Object<RouteSettings>& object) {
  object
      .field("require", &RouteSettings::require,
             {.help = "none, any, or a list of roles of which one is enough.", .example = "[admin, editor]"})
      .check(route_problem);
}

}  // namespace bulwark::identity
