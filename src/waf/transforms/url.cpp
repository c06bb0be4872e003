// urlDecode, urlDecodeUni (with IIS's %uXXXX) and urlEncode. What is no valid escape stays as it is.
#include <fstream>

#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"
#include "waf/transforms/transform.h"

namespace bulwark::waf {
namespace steps {
namespace {

constexpr auto kNone = std::string_view::npos;

bool hex_pair_at(std::string_view in, std::size_t at) { return at + 1 < in.size() && is_hex(in[at]) && is_hex(in[at + 1]); }

bool unicode_escape_at(std::string_view in, std::size_t at) {
  return at + 5 < in.size() && lower(in[at + 1]) == 'u' && hex_pair_at(in, at + 2) && hex_pair_at(in, at + 4);
}

/// The byte of `%uXXXX` at `at`: the code page's, else the low one, with full-width ASCII (U+FF01 to U+FF5E) made plain.
char unicode_escape(std::string_view in, std::size_t at, const UnicodeMap* map) {
  const auto high = static_cast<unsigned char>(hex_byte(in[at + 2], in[at + 3]));
  const auto low = static_cast<unsigned char>(hex_byte(in[at + 4], in[at + 5]));
  if (map != nullptr) {
    const int mapped = map->byte_for(static_cast<std::uint16_t>(high << 8 | low));
    if (mapped >= 0) return static_cast<char>(mapped);
  }
  return static_cast<char>(high == 0xff && low > 0 && low < 0x5f ? low + 0x20 : low);
}

template <bool kUnicode>
bool decode(std::string_view in, std::string& out, const UnicodeMap* map) {
  std::size_t at = find_any<'%', '+'>(in);
  if (at == kNone) return false;
  std::size_t copied = 0;
  for (; at != kNone; at = find_any<'%', '+'>(in, at)) {
    char byte = ' ';
    std::size_t used = 1;
    if (in[at] == '%') {
      if (kUnicode && unicode_escape_at(in, at)) {
        byte = unicode_escape(in, at, map);
        used = 6;
      } else if (hex_pair_at(in, at + 1)) {
        byte = hex_byte(in[at + 1], in[at + 2]);
        used = 3;
      } else {
        ++at;
        continue;
      }
    }
    out.append(in, copied, at - copied).push_back(byte);
    copied = at += used;
  }
  if (copied == 0) return false;
  out.append(in, copied);
  return true;
}

}  // namespace

bool url_decode(std::string_view in, std::string& out) { return decode<false>(in, out, nullptr); }
bool url_decode_uni(std::string_view in, std::string& out, const UnicodeMap* map) { return decode<true>(in, out, map); }

bool url_encode(std::string_view in, std::string& out) {
  for (const char c : in) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') {
      out.push_back('+');
    } else if (is_alnum(c) || c == '*') {
      out.push_back(c);
    } else {
      out.append({'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]});
    }
  }
  return out != in;
}

}  // namespace steps

Result<std::shared_ptr<const UnicodeMap>> UnicodeMap::load(const std::filesystem::path& file, unsigned code_page) {
  std::ifstream stream(file);
  if (!stream) return config_error("cannot read the unicode map " + file.string());
  const std::string wanted = std::to_string(code_page);
  std::string word;
  // "20127 (US-ASCII)" begins a code page; the words after it up to the next line that begins with a number without `:` are pairs.
  while (stream >> word && word != wanted) {
  }
  if (!stream) return config_error("the unicode map " + file.string() + " has no code page " + wanted);
  std::getline(stream, word);
  std::shared_ptr<UnicodeMap> map(new UnicodeMap());
  while (stream >> word) {
    const auto colon = word.find(':');
    if (colon == std::string::npos) break;
    const std::string_view unit = std::string_view(word).substr(0, colon);
    const std::string_view byte = std::string_view(word).substr(colon + 1);
    if (unit.size() != 4 || byte.size() != 2) return config_error("the unicode map " + file.string() + " holds a malformed pair");
    const unsigned index =
        static_cast<unsigned char>(hex_byte(unit[0], unit[1])) * 256u + static_cast<unsigned char>(hex_byte(unit[2], unit[3]));
    map->bytes_[index] = static_cast<unsigned char>(hex_byte(byte[0], byte[1]));
  }
  return std::shared_ptr<const UnicodeMap>(std::move(map));
}

}  // namespace bulwark::waf
