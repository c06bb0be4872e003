// Model files carry an Ed25519 signature (RFC 8032) over everything before it: one changed bit, or another signer, and a file is
// refused.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::chat {

inline constexpr std::size_t kMaxModelBytes = 16 * 1024 * 1024;
using PublicKey = std::array<std::uint8_t, 32>;
using SecretKey = std::array<std::uint8_t, 64>;

/// What was signed. Errors, origin config: `corrupt` if the signature does not hold, `invalid` if the size cannot be right.
Result<std::string_view> verified(std::string_view file, const PublicKey& key);
/// `body` and its signature.
std::string with_signature(std::string body, const SecretKey& key);

/// 64 hexadecimal digits.
Result<PublicKey> parse_public_key(std::string_view hex);

/// Numbers in model files are little endian.
void append_u32(std::string& out, std::uint32_t value);
std::uint32_t read_u32(std::string_view bytes);

}  // namespace bulwark::chat
