// JSON Web Tokens (RFC 7519, 7515, and the best current practice RFC 8725), the parts that need no key: taking a token
// apart, and judging its claims. Only compact JWS with RS256, ES256 or EdDSA; everything else is refused by name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/jose.h"
#include "identity/settings.h"
#include "trace/principal.h"
#include "wire/json/reader.h"

namespace bulwark::identity {

constexpr std::size_t kMaxTokenBytes = 8 * 1024;
constexpr std::size_t kMaxTokenHeaderBytes = 1024;

/// A token taken apart; nothing in it is true yet. Views point into the token's text.
struct Token {
  crypto::JoseAlgorithm algorithm{};
  std::string kid;               ///< empty: none was named
  std::string_view signed_part;  ///< header and payload as they were signed
  std::string signature;
  json::Document payload;

  /// The `iss` claim, by which the rules and keys are chosen; empty if it is no string.
  std::string_view issuer() const { return payload.root().text("iss"); }
};

/// Errors, origin client.
Result<Token> parse_token(std::string_view text);

/// What a token's claims establish once its signature holds.
struct Claims {
  trace::Principal principal;
  WallTime expires = 0;  ///< with the skew allowed added
};

/// Errors, origin client/denied: another issuer or audience, expired, not yet valid, or without a proper user.
/// Too many roles or a malformed one refuse the token: a role left out could be one that forbids.
Result<Claims> judge_claims(const json::Value& payload, const IssuerSettings& rules, WallTime now);

}  // namespace bulwark::identity
