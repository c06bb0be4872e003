// Authenticated encryption of one value under one key: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) over libsodium, whose nonces
// are long enough to be drawn at random.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/master_key.h"

namespace bulwark::crypto {

constexpr std::size_t kSealBytes = 24 + 16;  ///< by which a sealed value is longer: nonce and tag

/// A key from the kernel's generator.
Key random_key();
/// `about` is not in the result, but must be the same to open it: what the value belongs to.
std::string seal(const Key& key, std::string_view value, std::string_view about);
/// Errors: internal/corrupt for another key, another `about`, or any changed bit.
Result<std::string> unseal(const Key& key, std::string_view sealed, std::string_view about);

}  // namespace bulwark::crypto
