// The check digits of card numbers and bank accounts, to tell them from any other run of digits and to make surrogates that
// pass the same checks.
#pragma once

#include <cstddef>
#include <string_view>

namespace bulwark::chat::pii {

/// ISO/IEC 7812-1 annex B; digits only.
bool luhn_valid(std::string_view digits);
/// The digit that makes `digits` followed by it valid.
char luhn_digit(std::string_view digits);

/// The length of an IBAN of that country (two letters, upper case) by the ISO 13616 registry; 0: no such country.
std::size_t iban_length(std::string_view country);
/// ISO 7064 MOD 97-10 over upper-case letters and digits without spaces, country and check digits first.
bool iban_valid(std::string_view iban);
/// The two check digits (0–97 as a number) for an IBAN whose positions 2 and 3 hold "00".
unsigned iban_check_digits(std::string_view iban);

}  // namespace bulwark::chat::pii
