// AES-256-GCM (NIST SP 800-38D), for what has to be readable by other programs with the key: nobody without it reads what is sealed, or
// changes it or what it belongs to unseen. For files and values of our own alone, seal.h has longer nonces.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/master_key.h"

namespace bulwark::crypto {

inline constexpr std::size_t kGcmNonceBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;
inline constexpr std::size_t kGcmBytes = kGcmNonceBytes + kGcmTagBytes;  ///< by which a sealed text is longer

/// A fresh random nonce, the encrypted text, the tag. `belongs_to` is not part of it, but must be the same for opening.
/// Good for 2^32 texts under one key (SP 800-38D §8.3).
std::string gcm_seal(const Key& key, std::string_view belongs_to, std::string_view text);

/// Errors, internal/corrupt: it was changed, is for something else, or was sealed with another key.
Result<std::string> gcm_open(const Key& key, std::string_view belongs_to, std::string_view sealed);

}  // namespace bulwark::crypto
