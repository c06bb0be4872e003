// One pass folds characters; a second joins letters that were pulled apart and reads leet.
#include "chat/injection/normalise.h"

#include <algorithm>

#include "chat/injection/decode.h"
#include "chat/injection/unicode.h"

namespace bulwark::chat::injection {

std::string_view to_string(Evasion evasion) {
  constexpr std::string_view kNames[] = {"none", "tags", "base64", "hex", "url", "rot13", "reversed"};
  return kNames[static_cast<std::size_t>(evasion)];
}

namespace {

bool ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}
bool letter(char c) { return c >= 'a' && c <= 'z'; }
bool word_char(char c) { return letter(c) || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80; }

/// The letter a character stands for inside a word, or the character.
char leet(char c) {
  switch (c) {
    case '0': return 'o';
    case '1': return 'i';
    case '3': return 'e';
    case '4': return 'a';
    case '5': return 's';
    case '7': return 't';
    case '8': return 'b';
    case '9': return 'g';
    case '@': return 'a';
    case '$': return 's';
    case '!': return 'i';
    case '|': return 'l';
    default: return c;
  }
}

/// Reads the leet in each word that mixes letters with what stands for letters; "2024" and "4.5" have no letters.
void read_leet(std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    std::size_t letters = 0;
    std::size_t others = 0;
    while (end < text.size() && (letter(text[end]) || leet(text[end]) != text[end])) {
      (letter(text[end]) ? letters : others) += 1;
      ++end;
    }
    while (end > at && (text[end - 1] == '!' || text[end - 1] == '|')) --end, --others;  // mostly punctuation
    if (letters > 0 && others > 0)
      for (std::size_t i = at; i < end; ++i) text[i] = leet(text[i]);
    at = end + 1 > at ? end + 1 : at + 1;
  }
}

bool gap(char c) { return c == ' ' || c == '-' || c == '.' || c == '_' || c == '*' || c == '/' || c == '|'; }

/// "i g n o r e   a l l" and "i-g-n-o-r-e" become words: at least four single letters, apart by the same character; a wider gap
/// is the end of a word. Copies everything else.
std::string join_spaced(std::string_view text) {
  constexpr std::size_t kMinLetters = 4;
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const bool start = word_char(text[at]) && (at == 0 || !word_char(text[at - 1]));
    std::size_t end = at + 1;
    std::size_t letters = 1;
    if (start && end < text.size() && gap(text[end])) {
      const char separator = text[end];
      while (end + 1 < text.size() && text[end] == separator && word_char(text[end + 1]) &&
             (end + 2 >= text.size() || !word_char(text[end + 2]))) {
        end += 2;
        ++letters;
      }
    }
    if (letters < kMinLetters) {
      out.push_back(text[at++]);
      continue;
    }
    for (std::size_t i = at; i < end; i += 2) out.push_back(text[i]);
    at = end;
  }
  return out;
}

/// "a l l   o f" was cut per word: the words after joining are still letters where a word is shorter than four.
std::string join_short_spaced(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool between = text[at] == ' ' && at > 0 && at + 1 < text.size() && word_char(text[at - 1]) && word_char(text[at + 1]);
    if (!between) out.push_back(text[at]);
  }
  return out;
}

/// Most words are one letter long and words are apart by wider gaps: the whole text is spaced.
bool wholly_spaced(std::string_view text) {
  std::size_t single = 0;
  std::size_t wide = 0;
  std::size_t other = 0;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != ' ')
      other += word_char(text[i]) && word_char(text[i - 1]);
    else if (text[i - 1] == ' ')
      ++wide;
    else
      single += word_char(text[i - 1]) && word_char(text[i + 1]);
  }
  return wide > 0 && single >= 6 && other * 8 < single;
}

std::string collapse(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool inside_word = c == '-' && i > 0 && i + 1 < text.size() && letter(text[i - 1]) && letter(text[i + 1]);
    if (inside_word) continue;  // "ig-nore"
    if (c != ' ')
      out.push_back(c);
    else if (!out.empty() && out.back() != ' ')
      out.push_back(' ');
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// The length of an ANSI control sequence (ECMA-48 §5.4) at `at`, or 1: the escape character alone.
std::size_t escape_sequence(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 24;
  if (at + 1 >= text.size() || text[at + 1] != '[') return 1;
  for (std::size_t i = at + 2; i < text.size() && i - at < kLongest; ++i)
    if (text[i] >= 0x40 && text[i] <= 0x7E) return i + 1 - at;
  return 1;
}

/// Lower case; tabs and line ends become blanks; other controls go. `text` is folded already if it was not ASCII.
std::string lower_and_clean(std::string_view text, std::uint32_t& control) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\x1B')
      ++control, i += escape_sequence(text, i) - 1;
    else if (c == '\t' || c == '\n' || c == '\r')
      out.push_back(' ');
    else if (byte < 0x20 || byte == 0x7F)
      ++control;
    else
      out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
  }
  return out;
}

std::string finish(std::string text) {
  if (wholly_spaced(text))
    text = join_short_spaced(text);
  else
    text = join_spaced(text);
  read_leet(text);
  return collapse(text);
}

}  // namespace

std::string fold(std::string_view text) {
  std::uint32_t ignored = 0;
  return finish(ascii(text) ? lower_and_clean(text, ignored) : lower_and_clean(fold_unicode(text).text, ignored));
}

Normalised normalise(std::string_view text) {
  Normalised out;
  std::vector<Encoded> hidden;
  find_encoded(text, Normalised::kMaxReadings - 3, hidden);
  std::string rest;
  if (!hidden.empty()) text = rest = without(text, hidden);
  std::string clean;
  if (ascii(text)) {
    clean = lower_and_clean(text, out.control);
  } else {
    UnicodeText unicode = fold_unicode(text);
    out.invisible = unicode.invisible;
    clean = lower_and_clean(unicode.text, out.control);
    if (!unicode.tags.empty()) hidden.push_back({Evasion::tags, 0, 0, std::move(unicode.tags)});
  }
  out.readings.push_back({Evasion::none, finish(std::move(clean))});
  for (Reading& reading : find_scrambled(out.readings.front().text)) out.readings.push_back(std::move(reading));
  for (const Encoded& each : hidden)
    if (out.readings.size() < Normalised::kMaxReadings) out.readings.push_back({each.evasion, fold(each.text)});
  return out;
}

}  // namespace bulwark::chat::injection
