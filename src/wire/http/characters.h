// Which bytes may stand where in HTTP/1.1, as one table of bits (RFC 9110 §5.5, §5.6.2; RFC 3986 §2).
#pragma once

#include <array>
#include <cstdint>

namespace bulwark::http {

inline constexpr std::uint8_t kToken = 1;       ///< tchar
inline constexpr std::uint8_t kFieldValue = 2;  ///< VCHAR, obs-text, SP, HTAB
inline constexpr std::uint8_t kTarget = 4;      ///< VCHAR without '#': what is not a URI character is encoded when forwarded
inline constexpr std::uint8_t kUri = 8;         ///< what RFC 3986 lets stand in a path or query
inline constexpr std::uint8_t kHost = 16;       ///< of a name or IPv4 address
inline constexpr std::uint8_t kQuoted = 32;     ///< qdtext

inline constexpr auto kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  const auto mark = [&](const char* text, unsigned bits) {
    for (; *text != '\0'; ++text) {
      auto& each = classes[static_cast<std::uint8_t>(*text)];
      each = static_cast<std::uint8_t>(each | bits);
    }
  };
  const auto clear = [&](char c, unsigned bits) {
    auto& each = classes[static_cast<std::uint8_t>(c)];
    each = static_cast<std::uint8_t>(each & ~bits);
  };
  for (unsigned c = 0x21; c < 0x7f; ++c) classes[c] = kFieldValue | kTarget | kQuoted;
  for (unsigned c = 0x80; c < 0x100; ++c) classes[c] = kFieldValue;
  mark(" \t", kFieldValue | kQuoted);
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", kToken | kUri | kHost);
  mark("!#$%&'*+-.^_`|~", kToken);
  mark("-._~!$&'()*+,;=:@/?%[]", kUri);
  mark("-._~", kHost);
  clear('#', kTarget);
  clear('"', kQuoted);
  clear('\\', kQuoted);
  return classes;
}();

/// What a byte of a field name counts as when names are compared: small letters, '-' for '_' too; '\0' for what no name may hold.
inline constexpr auto kFoldedName = [] {
  std::array<char, 256> folded{};
  for (unsigned c = 0; c < 256; ++c) {
    if ((kClasses[c] & kToken) == 0) continue;
    const bool capital = c >= 'A' && c <= 'Z';
    folded[c] = capital ? static_cast<char>(c | 0x20) : c == '_' ? '-' : static_cast<char>(c);
  }
  return folded;
}();

constexpr bool has(char c, std::uint8_t bits) { return (kClasses[static_cast<std::uint8_t>(c)] & bits) != 0; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

}  // namespace bulwark::http
