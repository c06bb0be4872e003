// A JSON Web Key Set (RFC 7517): an issuer's public keys by key id, each bound to its one algorithm.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/jose.h"

namespace bulwark::identity {

class KeySet {
 public:
  static constexpr std::size_t kMaxBytes = 256 * 1024;
  static constexpr std::size_t kMaxKeys = 64;
  static constexpr std::size_t kMaxKidBytes = 256;

  /// Keys of other types, for encryption, or out of bounds are passed over as RFC 7517 §5 asks.
  /// Errors, origin upstream: not a key set, too large, or without a single usable key.
  static Result<KeySet> parse(std::string_view text);

  /// The key of this id and algorithm, or nullptr. Without a kid: the only key of that algorithm, if there is just one.
  const crypto::VerifyKey* find(std::string_view kid, crypto::JoseAlgorithm algorithm) const;
  std::size_t size() const { return keys_.size(); }

 private:
  struct Key {
    std::string kid;
    crypto::VerifyKey key;
  };
  std::vector<Key> keys_;
};

}  // namespace bulwark::identity
