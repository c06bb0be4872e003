// Byte classes of the C locale, as tables: the reference uses <cctype> with the "C" locale, and ours must not change with LC_ALL.
#pragma once

#include <cstdint>
#include <string_view>

namespace bulwark::waf {

constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_octal(char c) { return c >= '0' && c <= '7'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
constexpr bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_alnum(char c) { return is_letter(c) || is_digit(c); }
constexpr bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

/// The value of a hex digit. For any other byte what the reference's arithmetic gives, since hexDecode never checks.
constexpr unsigned hex_value(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 'A' ? (byte & 0xdfu) - 'A' + 10u : byte - unsigned{'0'};
}
/// The byte two hex digits stand for.
constexpr char hex_byte(char high, char low) { return static_cast<char>(hex_value(high) * 16u + hex_value(low)); }

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

inline constexpr char kHexDigits[] = "0123456789abcdef";

}  // namespace bulwark::waf
