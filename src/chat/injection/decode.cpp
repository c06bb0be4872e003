// base64 (both alphabets), hexadecimal, percent-encoding; rot13 and reversal by counting the commonest words.
#include "chat/injection/decode.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace bulwark::chat::injection {

namespace {

constexpr std::size_t kMinEncoded = 16;  // shorter runs are words and numbers
constexpr std::size_t kMinPercent = 4;
constexpr std::size_t kSample = 1024;  // of a text, to tell whether it reads as language

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
  return -1;
}

/// Text, not bytes that happened to decode.
bool reads_as_text(std::string_view bytes) {
  std::size_t letters = 0;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') return false;
    if (byte == 0x7F) return false;
    letters += byte >= 0x80 || c == ' ' || c == '\n' || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  }
  return bytes.size() >= 6 && utf8_valid(bytes) && letters * 10 >= bytes.size() * 6;
}

std::string from_base64(std::string_view run) {
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (char c : run) {
    const int value = base64_value(c);
    if (value < 0) continue;  // line breaks and padding
    bits = bits << 6 | static_cast<unsigned>(value);
    if ((held += 6) >= 8) out.push_back(static_cast<char>(bits >> (held -= 8) & 0xFF));
  }
  return out;
}

void find_base64(std::string_view raw, std::size_t limit, std::vector<Encoded>& out) {
  for (std::size_t at = 0; at < raw.size() && out.size() < limit;) {
    std::size_t end = at;
    while (end < raw.size() && (base64_value(raw[end]) >= 0 || ((raw[end] == '\n' || raw[end] == '\r') && end - at >= 60))) ++end;
    if (end - at >= kMinEncoded) {
      const std::size_t begin = at;
      const std::string_view run = raw.substr(at, end - at);
      while (end < raw.size() && raw[end] == '=') ++end;  // padding
      if (std::string text = from_base64(run); reads_as_text(text)) out.push_back({Evasion::base64, begin, end, std::move(text)});
    }
    at = end + 1;
  }
}

/// Pairs of hexadecimal digits, together or after "\x", "0x", a blank, a colon or a comma.
void find_hex(std::string_view raw, std::size_t limit, std::vector<Encoded>& out) {
  for (std::size_t at = 0; at + 1 < raw.size() && out.size() < limit;) {
    std::string text;
    std::size_t i = at;
    while (i + 1 < raw.size()) {
      std::size_t pair = i;
      while (pair < raw.size() && pair - i < 2 && (raw[pair] == ' ' || raw[pair] == ':' || raw[pair] == ',')) ++pair;
      if (raw.substr(pair).starts_with("\\x") || raw.substr(pair).starts_with("0x")) pair += 2;
      if (pair + 1 >= raw.size() || hex_value(raw[pair]) < 0 || hex_value(raw[pair + 1]) < 0) break;
      text.push_back(static_cast<char>(hex_value(raw[pair]) << 4 | hex_value(raw[pair + 1])));
      i = pair + 2;
    }
    if (text.size() * 2 >= kMinEncoded && reads_as_text(text)) out.push_back({Evasion::hex, at, i, std::move(text)});
    at = std::max(i, at) + 1;
  }
}

void find_percent(std::string_view raw, std::size_t limit, std::vector<Encoded>& out) {
  if (out.size() >= limit || static_cast<std::size_t>(std::count(raw.begin(), raw.end(), '%')) < kMinPercent) return;
  std::string text;
  std::size_t decoded = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '%' && i + 2 < raw.size() && hex_value(raw[i + 1]) >= 0 && hex_value(raw[i + 2]) >= 0) {
      text.push_back(static_cast<char>(hex_value(raw[i + 1]) << 4 | hex_value(raw[i + 2])));
      i += 2;
      ++decoded;
    } else {
      text.push_back(raw[i]);
    }
  }
  if (decoded >= kMinPercent) out.push_back({Evasion::url, 0, raw.size(), std::move(text)});
}

/// The commonest words of prompts in English, German, French and Spanish; sorted.
constexpr std::array<std::string_view, 89> kCommon = {
    "a",    "about", "all",    "an",   "and",  "answer", "any",  "are",          "as",    "at",    "be",    "but", "by",   "can",  "code",
    "das",  "de",    "der",    "die",  "do",   "du",     "ein",  "eine",         "el",    "en",    "est",   "et",  "for",  "from", "give",
    "have", "how",   "i",      "ich",  "if",   "ignore", "in",   "instructions", "is",    "ist",   "it",    "la",  "le",   "les",  "list",
    "los",  "make",  "me",     "mit",  "my",   "nicht",  "no",   "not",          "now",   "of",    "on",    "or",  "para", "por",  "prompt",
    "que",  "say",   "system", "tell", "text", "that",   "the",  "them",         "this",  "to",    "un",    "und", "use",  "was",  "we",
    "what", "when",  "which",  "who",  "why",  "wie",    "will", "with",         "words", "would", "write", "yes", "you",  "your"};

/// Hundredths of the words that are common ones.
unsigned common_words(std::string_view text) {
  std::size_t words = 0;
  std::size_t common = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
    if (end > at) {
      ++words;
      common += std::binary_search(kCommon.begin(), kCommon.end(), text.substr(at, end - at));
    }
    at = end + 1;
  }
  return words < 2 ? 0 : static_cast<unsigned>(common * 100 / words);
}

std::string rotated(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + (c - 'a' + 13) % 26);
  return out;
}

/// The characters, not the bytes, in the opposite order.
std::string reversed(std::string_view text) {
  std::string out(text.size(), ' ');
  std::size_t to = text.size();
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    to -= end - at;
    text.copy(out.data() + to, end - at, at);
    at = end;
  }
  return out;
}

/// Whether letters that can be rotated make up a good part of it.
bool latin(std::string_view text) {
  const auto letters = std::count_if(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return static_cast<std::size_t>(letters) * 3 >= text.size();
}

}  // namespace

void find_encoded(std::string_view raw, std::size_t limit, std::vector<Encoded>& out) {
  find_base64(raw, limit, out);
  find_hex(raw, limit, out);
  find_percent(raw, limit, out);
}

std::string without(std::string_view raw, std::vector<Encoded> encoded) {
  std::sort(encoded.begin(), encoded.end(), [](const Encoded& a, const Encoded& b) { return a.begin < b.begin; });
  std::string out;
  std::size_t at = 0;
  for (const Encoded& each : encoded) {
    if (each.begin > at) out.append(raw.substr(at, each.begin - at));
    at = std::max(at, each.end);
  }
  return out.append(raw.substr(std::min(at, raw.size())));
}

std::vector<Reading> find_scrambled(std::string_view folded) {
  std::vector<Reading> out;
  constexpr unsigned kReads = 12;  // hundredths; ordinary prose has 35 to 50
  constexpr unsigned kReadsBetter = 2;
  constexpr std::size_t kBrief = 2048;  // the models tell better than the words, and cost little
  const std::string_view sample = folded.substr(0, kSample);
  const unsigned plain = common_words(sample);
  if (plain >= kReads) return out;
  const bool brief = folded.size() <= kBrief;
  if (latin(sample) && (brief || common_words(rotated(sample)) >= plain + kReadsBetter)) out.push_back({Evasion::rot13, rotated(folded)});
  std::string backwards = reversed(folded);
  if (brief || common_words(std::string_view(backwards).substr(0, kSample)) >= plain + kReadsBetter)
    out.push_back({Evasion::reversed, std::move(backwards)});
  return out;
}

}  // namespace bulwark::chat::injection
