// What the configuration says about identity: where keys and issuers are, which claims name whom, and what a route requires.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/schema.h"

namespace bulwark::identity {

enum class Algorithm : std::uint8_t { rs256, es256, eddsa };
config::EnumNames<Algorithm> enum_names(Algorithm);

/// One party whose tokens are believed, for the audiences named.
struct IssuerSettings {
  std::string issuer;                  ///< exactly as in the `iss` claim
  std::vector<std::string> audiences;  ///< at least one of them must be in `aud`
  std::string jwks_url;                ///< https, or http to a loopback address; either this …
  std::string jwks_file;               ///< … or this
  std::string ca_file;                 ///< for jwks_url; empty: the system's trust store
  std::vector<Algorithm> algorithms = {Algorithm::rs256, Algorithm::es256, Algorithm::eddsa};
  std::string user_claim = "sub";
  std::string tenant_claim = "tenant";
  std::string roles_claim = "roles";  ///< a list, or words separated by spaces; "realm_access.roles" reaches inside
  std::chrono::milliseconds clock_skew{60'000};
  std::chrono::milliseconds refresh{600'000};     ///< keys are fetched anew this often
  std::chrono::milliseconds min_refresh{10'000};  ///< an unknown key id may cause a fetch this often
  std::chrono::milliseconds fetch_timeout{5'000};
};
void describe(config::Object<IssuerSettings>& object);

struct Settings {
  std::string api_keys_file;  ///< empty: no API keys
  std::vector<IssuerSettings> issuers;
  bool forward_tokens = true;    ///< JWTs go on to the app; API keys never do
  bool identity_headers = true;  ///< X-Bulwark-User, -Tenant, -Roles to the app
  std::int64_t cached_tokens = 50'000;
  std::int64_t verifications_per_second = 50;  ///< signatures checked for one source address, beyond the cache
  std::int64_t verification_burst = 100;

  static constexpr std::size_t kMaxIssuers = 16;
};
void describe(config::Object<Settings>& object);

/// What one route asks for.
struct RouteSettings {
  /// "none": anybody, though good credentials are honoured; "any": somebody known; else roles, of which one is enough.
  std::vector<std::string> require = {"none"};
};
void describe(config::Object<RouteSettings>& object);

}  // namespace bulwark::identity
