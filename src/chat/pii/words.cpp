// Bytes beyond ASCII count as letters; only whether a Latin, Greek or Cyrillic word begins with a capital is looked up.
#include "chat/pii/words.h"

#include <algorithm>

namespace bulwark::chat::pii {

namespace {

constexpr std::uint32_t kPrime = 0x01000193;
constexpr std::uint32_t kBasis = 0x811c9dc5;
constexpr std::size_t kAffix = 3;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool capital(char c) { return c >= 'A' && c <= 'Z'; }
bool letter(char c) { return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || static_cast<unsigned char>(c) >= 0x80; }
bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
std::uint32_t folded(char c) { return static_cast<unsigned char>(capital(c) ? c | 0x20 : c); }

/// Whether the two-byte character at text[0] is a capital of a European alphabet.
bool wide_capital(std::string_view text) {
  if (text.size() < 2) return false;
  const unsigned code = (static_cast<unsigned char>(text[0]) & 0x1FU) << 6 | (static_cast<unsigned char>(text[1]) & 0x3FU);
  if ((static_cast<unsigned char>(text[0]) & 0xE0U) != 0xC0) return false;
  if (code >= 0x100 && code <= 0x17F) return code % 2 == 0;
  return (code >= 0xC0 && code <= 0xDE) || (code >= 0x391 && code <= 0x3A9) || (code >= 0x400 && code <= 0x42F);
}

/// Scripts from three bytes a character on have no capitals (Indic, Thai, Chinese, Japanese, Korean), nor have Hebrew and Arabic.
bool has_no_capitals(std::string_view word) {
  const auto first = static_cast<unsigned char>(word[0]);
  return first >= 0xE0 || (first >= 0xD6 && first <= 0xDD);
}

Shape shape_of(std::string_view word) {
  if (has_no_capitals(word)) return Shape::caseless;
  const auto capitals = static_cast<std::size_t>(std::count_if(word.begin(), word.end(), capital));
  if (capital(word[0]) || wide_capital(word))
    return capitals > 1 && capitals * 2 > word.size() ? Shape::upper : capitals > 1 ? Shape::mixed : Shape::title;
  return capitals == 0 ? Shape::lower : Shape::mixed;
}

Shape shape_of_number(std::size_t digits) {
  return digits == 1 ? Shape::digit : digits == 2 ? Shape::two_digits : digits == 4 ? Shape::four_digits : Shape::digits;
}

std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = kBasis;
  for (char c : text) hash = (hash ^ folded(c)) * kPrime;
  return hash;
}

Word word_at(std::string_view text, std::size_t at, std::size_t end, Shape shape) {
  const std::string_view word = text.substr(at, end - at);
  Word out{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end), hash_of(word), 0, 0, shape};
  out.prefix = hash_of(word.substr(0, kAffix));
  out.suffix = hash_of(word.substr(word.size() - std::min(kAffix, word.size())));
  return out;
}

/// An apostrophe or one of its typographic forms between two letters, unless it begins a genitive: its bytes, or 0.
std::size_t joint(std::string_view text, std::size_t at) {
  const std::size_t size = text[at] == '\'' ? 1 : 0;
  if (size == 0 || at + 1 >= text.size() || !letter(text[at + 1])) return 0;
  const bool genitive = (text[at + 1] | 0x20) == 's' && (at + 2 >= text.size() || !letter(text[at + 2]));
  return genitive ? 0 : size;
}

}  // namespace

std::uint32_t word_hash(std::string_view word) { return hash_of(word); }

void split_words(std::string_view text, std::vector<Word>& out) {
  out.clear();
  for (std::size_t at = 0; at < text.size() && out.size() < kMaxWords;) {
    const char c = text[at];
    if (blank(c)) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (letter(c)) {
      while (end < text.size() && end - at < kMaxWordBytes && (letter(text[end]) || joint(text, end) != 0)) ++end;
      const bool joined = end < text.size() && digit(text[end]);
      out.push_back(word_at(text, at, end, joined ? Shape::letters_and_digits : shape_of(text.substr(at, end - at))));
    } else if (digit(c)) {
      while (end < text.size() && end - at < kMaxWordBytes && digit(text[end])) ++end;
      const bool joined = end < text.size() && letter(text[end]);
      out.push_back(word_at(text, at, end, joined ? Shape::letters_and_digits : shape_of_number(end - at)));
    } else {
      out.push_back(word_at(text, at, end, c == '\n' ? Shape::line_end : Shape::sign));
    }
    at = end;
  }
}

}  // namespace bulwark::chat::pii
