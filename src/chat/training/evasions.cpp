// One small function for each way; those that change single letters work on ASCII letters and leave the rest.
#include "chat/training/evasions.h"
#include "base/hex.h"

#include <random>

namespace bulwark::chat::training {

namespace {

bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

void append_code_point(std::string& out, std::uint32_t c) {
  if (c < 0x80)
    out.push_back(static_cast<char>(c));
  else if (c < 0x800)
    out.append({static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))});
  else if (c < 0x10000)
    out.append({static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))});
  else
    out.append({static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
                static_cast<char>(0x80 | (c & 0x3F))});
}

std::uint32_t look_alike(char c) {
  switch (c) {
    case 'a': return 0x430;
    case 'c': return 0x441;
    case 'e': return 0x435;
    case 'i': return 0x456;
    case 'o': return 0x43E;
    case 'p': return 0x440;
    case 's': return 0x455;
    case 'x': return 0x445;
    case 'y': return 0x443;
    default: return static_cast<unsigned char>(c);
  }
}

char leet(char c) {
  switch (c | 0x20) {
    case 'a': return '4';
    case 'e': return '3';
    case 'i': return '1';
    case 'o': return '0';
    case 's': return '5';
    case 't': return '7';
    default: return c;
  }
}

std::string base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) out.push_back(i + j <= text.size() ? kAlphabet[bits >> (18 - 6 * j) & 63] : '=');
  }
  return out;
}

/// Changes the text letter by letter.
template <class F>
std::string by_letter(std::string_view text, F change) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) change(out, text[i], i);
  return out;
}

/// Puts `what` between two letters of a word, in one of `every` places.
std::string split_words(std::string_view text, std::string_view what, unsigned every, std::mt19937& random) {
  return by_letter(text, [&](std::string& out, char c, std::size_t i) {
    if (i > 1 && i + 2 < text.size() && letter(c) && letter(text[i - 1]) && letter(text[i - 2]) && letter(text[i + 1]) &&
        random() % every == 0)
      out.append(what);
    out.push_back(c);
  });
}

/// Two neighbouring letters change places in about every twelfth position.
std::string with_typos(std::string_view text, std::mt19937& random) {
  std::string out(text);
  for (std::size_t i = 1; i + 2 < out.size(); ++i)
    if (letter(out[i]) && letter(out[i + 1]) && random() % 12 == 0) std::swap(out[i], out[i + 1]), ++i;
  return out;
}

char rotated(char c) {
  if (!letter(c)) return c;
  const char base = c >= 'a' ? 'a' : 'A';
  return static_cast<char>(base + (c - base + 13) % 26);
}

}  // namespace

std::string dress(std::string_view text, Dress how, std::uint32_t seed) {
  std::mt19937 random(seed);
  switch (how) {
    case Dress::homoglyph:
      return by_letter(text, [](std::string& out, char c, std::size_t) {
        const std::uint32_t other = look_alike(c);
        if (other == static_cast<unsigned char>(c))
          out.push_back(c);
        else
          append_code_point(out, other);
      });
    case Dress::zero_width:
      return by_letter(text, [](std::string& out, char c, std::size_t) {
        out.push_back(c);
        if (letter(c)) append_code_point(out, 0x200B);
      });
    case Dress::tags:
      return by_letter(text, [](std::string& out, char c, std::size_t) {
        if (c >= 0x20 && c < 0x7F)
          append_code_point(out, 0xE0000U + static_cast<unsigned char>(c));
        else
          out.push_back(c);
      });
    case Dress::base64: return base64(text);
    case Dress::hex: return to_hex(text);
    case Dress::full_width:
      return by_letter(text, [](std::string& out, char c, std::size_t) {
        if (c > 0x20 && c < 0x7F)
          append_code_point(out, 0xFF00U + static_cast<unsigned char>(c) - 0x20);
        else
          out.push_back(c);
      });
    case Dress::spaced:
      return by_letter(text, [&](std::string& out, char c, std::size_t i) {
        out.push_back(c);
        if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0x80) out.push_back(' ');
      });
    case Dress::rot13: return by_letter(text, [](std::string& out, char c, std::size_t) { out.push_back(rotated(c)); });
    case Dress::reversed: return std::string(text.rbegin(), text.rend());
    case Dress::hyphen_split: return split_words(text, "-", 3, random);
    case Dress::typo: return with_typos(text, random);
    case Dress::leet: return by_letter(text, [](std::string& out, char c, std::size_t) { out.push_back(leet(c)); });
    case Dress::token_split: return split_words(text, " ", 4, random);
  }
  return std::string(text);
}

}  // namespace bulwark::chat::training
