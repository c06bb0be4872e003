// Ed25519 signatures (RFC 8032) over OpenSSL, for what Bulwark itself vouches for. The key comes from a 32-byte seed, so that
// nothing but the master key has to be kept.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/master_key.h"

struct evp_pkey_st;

namespace bulwark::crypto {

/// Immutable and shared between threads.
class SigningKey {
 public:
  static constexpr std::size_t kSignatureBytes = 64;
  static constexpr std::size_t kPublicBytes = 32;

  static SigningKey from_seed(const Key& seed);

  std::string sign(std::string_view message) const;              ///< 64 bytes
  const std::string& public_key() const { return public_key_; }  ///< 32 bytes: what VerifyKey::ed25519 takes

 private:
  explicit SigningKey(std::shared_ptr<evp_pkey_st> key);
  std::shared_ptr<evp_pkey_st> key_;
  std::string public_key_;
};

}  // namespace bulwark::crypto
