// A token of the SQL-like text: its type as one character, the way fingerprints write it, and the beginning of its text.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "waf/transforms/ascii.h"

namespace bulwark::waf::sqli {

inline constexpr std::size_t kMaxTokenText = 31;

/// Token types. Punctuation is its own type.
namespace type {
inline constexpr char kNone = 0;
inline constexpr char kKeyword = 'k';
inline constexpr char kUnion = 'U';
inline constexpr char kGroup = 'B';
inline constexpr char kExpression = 'E';
inline constexpr char kSqlType = 't';
inline constexpr char kFunction = 'f';
inline constexpr char kBareword = 'n';
inline constexpr char kNumber = '1';
inline constexpr char kVariable = 'v';
inline constexpr char kString = 's';
inline constexpr char kOperator = 'o';
inline constexpr char kLogic = '&';
inline constexpr char kComment = 'c';
inline constexpr char kCollate = 'A';
inline constexpr char kTsql = 'T';
inline constexpr char kUnknown = '?';
inline constexpr char kEvil = 'X';
inline constexpr char kBackslash = '\\';
}  // namespace type

/// A set of token types, made when compiling.
class TypeSet {
 public:
  consteval TypeSet(const char* types) {  // NOLINT(google-explicit-constructor): written as text where it is used
    for (; *types != '\0'; ++types) bits_[static_cast<unsigned char>(*types) / 64 % 2] |= std::uint64_t{1} << *types % 64;
  }
  constexpr bool has(char type) const {
    const auto byte = static_cast<unsigned char>(type);
    return byte != 0 && byte < 128 && (bits_[byte / 64] >> byte % 64 & 1) == 1;
  }

 private:
  std::array<std::uint64_t, 2> bits_{};
};

struct Token {
  char type = type::kNone;
  char open = 0;   ///< the quote a string begins with; 0 if it began before the value
  char close = 0;  ///< the quote it ends with; 0 if it does not
  std::uint8_t size = 0;
  bool may_begin_phrase = true;           ///< false: known not to
  std::array<char, kMaxTokenText> bytes;  ///< the first of its text, without quotes

  std::string_view text() const { return {bytes.data(), size}; }
  char first() const { return size > 0 ? bytes[0] : '\0'; }

  void set(char its_type, std::string_view its_text) {
    type = its_type;
    size = static_cast<std::uint8_t>(std::min(its_text.size(), kMaxTokenText));
    std::copy_n(its_text.data(), size, bytes.data());
  }
  bool is(char wanted) const { return type == wanted; }
  bool is_any(TypeSet wanted) const { return wanted.has(type); }
  bool says(std::string_view word) const { return equals_ignoring_case(text(), word); }
};

}  // namespace bulwark::waf::sqli
