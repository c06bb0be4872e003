// What tokens need: SHA-256, comparison in constant time, and base64url (RFC 4648 §5 without padding).
// A plain digest is right for secrets of 256 random bits: there is nothing to guess that a slow hash would protect.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::crypto {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);

/// The digest's bytes as text, for tables and files.
std::string_view as_bytes(const Digest& digest);

/// Takes the same time wherever the two differ. Unequal lengths are unequal at once: lengths are no secret here.
bool equal_constant_time(std::string_view a, std::string_view b);

std::string base64url(std::string_view bytes);

/// Errors, origin client: a character outside the alphabet, padding, an impossible length, or spare bits that are not
/// zero, so that one value has exactly one spelling.
Result<std::string> base64url_decode(std::string_view text);

}  // namespace bulwark::crypto
