// Luhn and MOD 97-10.
#include "chat/pii/checksums.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bulwark::chat::pii {

namespace {

unsigned luhn_sum(std::string_view digits, bool double_first_from_right) {
  unsigned sum = 0;
  bool doubled = double_first_from_right;
  for (std::size_t i = digits.size(); i-- > 0; doubled = !doubled) {
    unsigned digit = static_cast<unsigned>(digits[i] - '0');
    if (doubled && (digit *= 2) > 9) digit -= 9;
    sum += digit;
  }
  return sum;
}

unsigned mod97(std::string_view iban) {
  unsigned rest = 0;
  const auto take = [&rest](char c) {
    if (c >= '0' && c <= '9')
      rest = (rest * 10 + static_cast<unsigned>(c - '0')) % 97;
    else
      rest = (rest * 100 + static_cast<unsigned>(c - 'A') + 10) % 97;
  };
  for (char c : iban.substr(4)) take(c);
  for (char c : iban.substr(0, 4)) take(c);
  return rest;
}

// ISO 13616 registry; sorted by country.
constexpr std::array<std::pair<std::string_view, std::size_t>, 83> kLengths = {{
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22}, {"BI", 27}, {"BR", 29},
    {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29},
    {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28},
    {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20},
    {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19},
    {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24}, {"PL", 28}, {"PS", 29},
    {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24},
    {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24},
}};
constexpr std::array<std::pair<std::string_view, std::size_t>, 5> kMoreLengths = {
    {{"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}}};

}  // namespace

bool luhn_valid(std::string_view digits) { return digits.size() > 1 && luhn_sum(digits, false) % 10 == 0; }

char luhn_digit(std::string_view digits) { return static_cast<char>('0' + (10 - luhn_sum(digits, true) % 10) % 10); }

std::size_t iban_length(std::string_view country) {
  const auto before = [](const auto& entry, std::string_view key) { return entry.first < key; };
  const auto at = std::lower_bound(kLengths.begin(), kLengths.end(), country, before);
  if (at != kLengths.end() && at->first == country) return at->second;
  for (const auto& [name, length] : kMoreLengths)
    if (name == country) return length;
  return 0;
}

bool iban_valid(std::string_view iban) { return iban.size() >= 5 && iban.size() == iban_length(iban.substr(0, 2)) && mod97(iban) == 1; }

unsigned iban_check_digits(std::string_view iban) { return 98 - mod97(iban); }

}  // namespace bulwark::chat::pii
