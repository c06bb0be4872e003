// Reads JWKs; anything about a key that is not plainly right leaves that key out.
#include "identity/jwks.h"

#include "crypto/token.h"
#include "identity/strict_json.h"

namespace bulwark::identity {
namespace {

constexpr json::ReadLimits kLimits{.max_bytes = KeySet::kMaxBytes, .max_depth = 8, .max_values = 8'192};

/// A member in base64url (RFC 7518 §2, Base64urlUInt), empty if it is missing or malformed.
std::string bytes_of(const json::Value& jwk, std::string_view name) { return crypto::base64url_decode(jwk.text(name)).value_or({}); }

Result<crypto::VerifyKey> public_key(const json::Value& jwk) {
  const std::string_view type = jwk.text("kty");
  if (type == "RSA") return crypto::VerifyKey::rsa(bytes_of(jwk, "n"), bytes_of(jwk, "e"));
  if (type == "EC" && jwk.text("crv") == "P-256") return crypto::VerifyKey::p256(bytes_of(jwk, "x"), bytes_of(jwk, "y"));
  if (type == "OKP" && jwk.text("crv") == "Ed25519") return crypto::VerifyKey::ed25519(bytes_of(jwk, "x"));
  return upstream_error(Code::unsupported, "a key of another type");
}

/// Whether the key's own words about its use (RFC 7517 §4.2–4.4) allow verifying with `algorithm`.
bool meant_for(const json::Value& jwk, crypto::JoseAlgorithm algorithm) {
  if (jwk.find("use") && jwk.text("use") != "sig") return false;
  if (jwk.find("alg") && jwk.text("alg") != crypto::to_string(algorithm)) return false;
  const auto operations = jwk.find("key_ops");
  if (!operations) return true;
  for (const auto each : *operations)
    if (each.string() == "verify") return true;
  return false;
}

}  // namespace

Result<KeySet> KeySet::parse(std::string_view text) {
  auto document = parse_strict_object(text, kLimits);
  if (!document.ok()) return upstream_error(document.error().code, "key set: " + document.error().message);
  const auto list = document->root().find("keys");
  if (!list || !list->is(json::Type::array)) return upstream_error(Code::invalid, "key set without a list of keys");
  if (list->size() > kMaxKeys) return upstream_error(Code::too_large, "key set with too many keys");
  KeySet set;
  for (const auto jwk : *list) {
    const std::string_view kid = jwk.text("kid");
    if (kid.size() > kMaxKidBytes || (jwk.find("kid") && !jwk.find("kid")->is(json::Type::string))) continue;
    auto key = public_key(jwk);
    if (key.ok() && meant_for(jwk, key->algorithm())) set.keys_.push_back({std::string(kid), std::move(*key)});
  }
  if (set.keys_.empty()) return upstream_error(Code::invalid, "key set without a usable key");
  return set;
}

const crypto::VerifyKey* KeySet::find(std::string_view kid, crypto::JoseAlgorithm algorithm) const {
  const crypto::VerifyKey* found = nullptr;
  for (const auto& each : keys_) {
    if (each.key.algorithm() != algorithm || (!kid.empty() && each.kid != kid)) continue;
    if (found != nullptr) return nullptr;  // two would mean guessing
    found = &each.key;
  }
  return found;
}

}  // namespace bulwark::identity
