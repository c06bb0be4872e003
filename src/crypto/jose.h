// Signature verification as JOSE defines it (RFC 7515, 7518 §3, 8037) over OpenSSL: a public key knows its one algorithm,
// so that no token can choose how it is checked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"

struct evp_pkey_st;

namespace bulwark::crypto {

/// Asymmetric only: with HS256 among them a public key could be taken for a shared secret.
enum class JoseAlgorithm : std::uint8_t { rs256, es256, eddsa };

std::string_view to_string(JoseAlgorithm algorithm);
/// By the exact, case-sensitive name of RFC 7518 §3.1 and RFC 8037 §3.1: "RS256", "ES256", "EdDSA".
std::optional<JoseAlgorithm> jose_algorithm(std::string_view name);

/// Immutable and shared between threads.
class VerifyKey {
 public:
  static constexpr int kMinRsaBits = 2048;
  static constexpr int kMaxRsaBits = 8192;  ///< a check grows with the square of the length

  /// Numbers big-endian, as JWK carries them. Errors, origin upstream: a key too short, too long, even, or off its curve.
  static Result<VerifyKey> rsa(std::string_view modulus, std::string_view exponent);
  static Result<VerifyKey> p256(std::string_view x, std::string_view y);  ///< 32 bytes each
  static Result<VerifyKey> ed25519(std::string_view x);                   ///< 32 bytes

  JoseAlgorithm algorithm() const { return algorithm_; }
  /// `signature` in JOSE's form: for ES256 the 64 bytes r ‖ s.
  bool verify(std::string_view message, std::string_view signature) const;

 private:
  VerifyKey(JoseAlgorithm algorithm, std::shared_ptr<evp_pkey_st> key) : algorithm_(algorithm), key_(std::move(key)) {}
  JoseAlgorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace bulwark::crypto
