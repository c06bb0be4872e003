// Random texts that let somebody in (session tokens, set-up and recovery codes) and the hashes that are kept of them.
// They carry 80 bits or more, so a plain SHA-256 is enough: there is nothing to guess.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bulwark::console {

/// `bytes` random bytes in lower-case hex.
std::string random_hex(std::size_t bytes);

/// 80 random bits for people to type: "K7QM-2XWD-PZ4T-A6LN" (base32).
std::string random_code();

/// As a person may have typed it: upper case, without spaces and dashes.
std::string normalised_code(std::string_view typed);

/// SHA-256 in hex.
std::string secret_hash(std::string_view secret);

/// Takes the same time wherever the texts differ.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace bulwark::console
