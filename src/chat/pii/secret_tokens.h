// Credentials that speak for themselves: a provider's prefix, a mark inside, a fixed build. What follows a prefix must also look
// drawn unless the prefix alone is beyond doubt.
#pragma once

#include <cstddef>
#include <string_view>

namespace bulwark::chat::pii {

inline constexpr std::size_t kMaxSecret = 8 * 1024;

/// Characters of which tokens are made: letters, digits and "_-.+/=~".
bool token_char(char c);

/// Mixed kinds of characters, as drawn values have; words and names do not.
bool looks_drawn(std::string_view value);
/// "abcdefg", "7654321", "a1b2c3d4e5": somebody counted, nobody drew.
bool counts(std::string_view value);
/// One long run without words in it: 32 or more letters and digits, drawn in case and kind or all hexadecimal.
bool is_drawn_run(std::string_view value);

/// Whether `token`, a whole run of token characters or the rest of one, is some provider's credential. Sources: the providers' own
/// documentation of their token formats.
bool is_known_token(std::string_view token);

/// The end of the key in PEM that begins at `at` (RFC 7468), to its end line or the end of the text; 0: none.
std::size_t pem_end(std::string_view text, std::size_t at);
/// The end of the Salesforce session that begins at `at`: an organisation's number, '!', the drawn part; 0: none.
std::size_t salesforce_end(std::string_view text, std::size_t at);
/// The end of the password hash that begins at `at`: crypt(5)'s "$2b$12$…", "$6$salt$…", or Kerberos' "$krb5asrep$…"; 0: none.
std::size_t hash_end(std::string_view text, std::size_t at);
/// The end of an address that lets anybody post who knows it, from its host on; 0: none.
std::size_t webhook_end(std::string_view text, std::size_t at);

}  // namespace bulwark::chat::pii
