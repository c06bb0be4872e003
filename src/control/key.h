// What an entry is found by: one byte for the kind of subject, then the value; for an address its prefix length and its
// 16 bytes with the host part cleared, so that every spelling of a prefix is one key.
#pragma once

#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"
#include "control/table.h"

namespace bulwark::control {

inline constexpr std::size_t kAddressKeyBytes = 18;

/// Writes the key of the first `bits` of `address`; returns its 18 bytes in `out`.
std::string_view address_key(const IpAddress& address, unsigned bits, char (&out)[kAddressKeyBytes]);

/// Errors: client/invalid for a value that is empty, too long, or not an address where one is meant.
Result<std::string> entry_key(Subject subject, std::string_view value);

/// The one spelling of a subject's value: "10.0.0.0/8" for "10.1.2.3/8", "203.0.113.9" for "203.0.113.9/32".
Result<std::string> canonical_value(Subject subject, std::string_view value);

/// The prefix length inside an address key.
inline unsigned key_bits(std::string_view key) { return static_cast<unsigned char>(key[1]); }
inline Subject key_subject(std::string_view key) { return static_cast<Subject>(key[0]); }

}  // namespace bulwark::control
