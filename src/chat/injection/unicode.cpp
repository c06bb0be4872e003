// NFKC_Casefold, then NFD without marks, then look-alikes, if the text is Latin at all: a Russian text stays Russian. What is left is
// composed again (NFC), or Korean would be letters instead of syllables.
#include "chat/injection/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>

namespace bulwark::chat::injection {

namespace {

struct LookAlike {
  char16_t from;
  char to;
};

// Lower-case letters that are drawn like a Latin one, from Unicode's confusables (UTS #39); sorted.
constexpr std::array<LookAlike, 58> kLookAlikes = {{
    {0x0131, 'i'}, {0x0251, 'a'}, {0x0261, 'g'}, {0x0269, 'i'}, {0x026A, 'i'}, {0x0280, 'r'}, {0x028F, 'y'}, {0x0299, 'b'}, {0x029F, 'l'},
    {0x03B1, 'a'}, {0x03B2, 'b'}, {0x03B3, 'y'}, {0x03B5, 'e'}, {0x03B7, 'n'}, {0x03B9, 'i'}, {0x03BA, 'k'}, {0x03BC, 'u'}, {0x03BD, 'v'},
    {0x03BF, 'o'}, {0x03C1, 'p'}, {0x03C3, 'o'}, {0x03C4, 't'}, {0x03C5, 'u'}, {0x03C7, 'x'}, {0x03C9, 'w'}, {0x0430, 'a'}, {0x0432, 'b'},
    {0x0433, 'r'}, {0x0435, 'e'}, {0x0437, 'z'}, {0x0438, 'u'}, {0x043A, 'k'}, {0x043C, 'm'}, {0x043D, 'h'}, {0x043E, 'o'}, {0x0440, 'p'},
    {0x0441, 'c'}, {0x0442, 't'}, {0x0443, 'y'}, {0x0445, 'x'}, {0x0448, 'w'}, {0x044C, 'b'}, {0x0455, 's'}, {0x0456, 'i'}, {0x0458, 'j'},
    {0x0475, 'v'}, {0x04BB, 'h'}, {0x04CF, 'l'}, {0x0501, 'd'}, {0x051B, 'q'}, {0x051D, 'w'}, {0x0561, 'w'}, {0x0563, 'q'}, {0x0566, 'q'},
    {0x0570, 'h'}, {0x0578, 'n'}, {0x057D, 'u'}, {0x0585, 'o'},
}};

char16_t look_alike(char16_t c) {
  const auto at =
      std::lower_bound(kLookAlikes.begin(), kLookAlikes.end(), c, [](const LookAlike& entry, char16_t key) { return entry.from < key; });
  return at != kLookAlikes.end() && at->from == c ? static_cast<char16_t>(at->to) : c;
}

/// Quotation marks as typewriters have them: apostrophes are written either way.
char16_t plain_quote(char16_t c) {
  if (c == 0x2018 || c == 0x2019) return u'\'';
  return c == 0x201C || c == 0x201D ? u'"' : c;
}

bool is_tag(UChar32 c) { return c >= 0xE0000 && c <= 0xE007F; }

/// Reads what tags spell and counts what nobody sees.
void look_for_hidden(const icu::UnicodeString& text, UnicodeText& out) {
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (c < 0xAD || !u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) continue;
    if (c >= 0xFE00 && c <= 0xFE0F) continue;  // emoji are written with variation selectors
    if (c != 0x200D) ++out.invisible;          // and joined by this one
    if (is_tag(c) && c >= 0xE0020 && c < 0xE007F) out.tags.push_back(static_cast<char>(c - 0xE0000));
  }
}

bool mostly_latin(const icu::UnicodeString& text) {
  std::int32_t latin = 0;
  std::int32_t other = 0;
  for (std::int32_t i = 0; i < text.length(); ++i) {
    const char16_t c = text[i];
    if (c >= 'a' && c <= 'z')
      ++latin;
    else if (c >= 0x370 && c < 0x600)
      ++other;  // Greek, Cyrillic, Armenian
  }
  return other > 0 && latin * 2 >= other;
}

}  // namespace

UnicodeText fold_unicode(std::string_view utf8) {
  UnicodeText out;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* fold = icu::Normalizer2::getNFKCCasefoldInstance(status);
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFDInstance(status);
  const icu::Normalizer2* compose = icu::Normalizer2::getNFCInstance(status);
  icu::UnicodeString text = icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())));
  look_for_hidden(text, out);
  if (U_SUCCESS(status)) text = decompose->normalize(fold->normalize(text, status), status);
  icu::UnicodeString plain;
  const bool latin = mostly_latin(text);
  for (std::int32_t i = 0; i < text.length(); ++i) {
    const char16_t c = text[i];
    if (c >= 0x300 && c < 0x370) continue;  // combining marks of Latin, Greek and Cyrillic letters
    plain.append(plain_quote(latin || c < 0x370 ? look_alike(c) : c));
  }
  if (U_SUCCESS(status)) plain = compose->normalize(plain, status);
  plain.toUTF8String(out.text);
  return out;
}

}  // namespace bulwark::chat::injection
