// Decides by the bytes; nothing is decoded that need not be.
#include "chat/unseen.h"

#include <algorithm>

namespace bulwark::chat {

namespace {

constexpr std::size_t kMaxSequence = 64;

std::uint8_t byte(std::string_view text, std::size_t at) { return at < text.size() ? static_cast<std::uint8_t>(text[at]) : 0; }

/// ESC with what belongs to it: "[" parameters final byte, "]" up to BEL or ST, or one character (ECMA-48 §5.4, §5.6).
Unseen sequence(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at, kMaxSequence);
  const bool whole = rest.size() == kMaxSequence;
  const auto ends = [&](std::size_t length) { return Unseen{std::min(length, rest.size()), UnseenKind::ansi, false}; };
  const std::uint8_t kind = byte(rest, 1);
  if (rest.size() > 1 && kind != '[' && kind != ']') return ends(kind >= 0x20 && kind < 0x7f ? 2 : 1);
  for (std::size_t i = 2; i < rest.size(); ++i) {
    const std::uint8_t c = byte(rest, i);
    if (kind == '[' && c >= 0x40 && c <= 0x7e) return ends(i + 1);
    if (kind == ']' && c == 0x07) return ends(i + 1);
    if (kind == ']' && c == 0x1b && (i + 1 < rest.size() || whole)) return ends(byte(rest, i + 1) == '\\' ? i + 2 : i);
    if (c < 0x20 && c != 0x1b) return ends(i);
  }
  return {std::min<std::size_t>(rest.size(), 2), UnseenKind::ansi, !whole};
}

/// E2 80 xx and E2 81 xx: U+2000 to U+207F.
Unseen general_punctuation(std::uint8_t second, std::uint8_t third) {
  const unsigned point = 0x2000U + (second - 0x80U) * 64U + (third - 0x80U);
  if (point == 0x200B || (point >= 0x2060 && point <= 0x2064)) return {3, UnseenKind::zero_width};
  if (point == 0x200E || point == 0x200F) return {};  // LRM, RLM: ordinary in right-to-left text
  if ((point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x206F)) return {3, UnseenKind::bidi};
  return {};
}

/// A flag of a region (England, Scotland …) is spelled in tags after a black flag, U+1F3F4.
bool spells_a_flag(std::string_view text, std::size_t at) {
  while (at >= 4 && byte(text, at - 4) == 0xF3 && byte(text, at - 3) == 0xA0) at -= 4;
  return at >= 4 && text.substr(at - 4, 4) == "\xF0\x9F\x8F\xB4";
}

}  // namespace

Unseen unseen_at(std::string_view text, std::size_t at) {
  const std::uint8_t first = byte(text, at);
  const std::uint8_t second = byte(text, at + 1);
  const std::uint8_t third = byte(text, at + 2);
  if (first == 0x1b) return sequence(text, at);
  if (first == '\t' || first == '\n' || first == '\r') return {};
  if (first < 0x20 || first == 0x7f) return {1, UnseenKind::control};
  if (first < 0x80) return {};
  if (first == 0xC2 && second < 0xA0) return second == 0x85 ? Unseen{} : Unseen{2, UnseenKind::control};  // U+0085 ends a line
  if (first == 0xC2 && second == 0xAD) return {2, UnseenKind::zero_width};                                // soft hyphen
  if (first == 0xE2 && (second == 0x80 || second == 0x81)) return general_punctuation(second, third);
  if (first == 0xEF && second == 0xBB && third == 0xBF) return {3, UnseenKind::zero_width};  // byte order mark
  if (first == 0xE3 && second == 0x85 && third == 0xA4) return {3, UnseenKind::zero_width};  // Hangul filler
  if (first == 0xF3 && second == 0xA0 && (third == 0x80 || third == 0x81) && !spells_a_flag(text, at)) return {4, UnseenKind::tag};
  return {};
}

}  // namespace bulwark::chat
