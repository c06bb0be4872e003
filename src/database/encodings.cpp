// Names are compared as PostgreSQL does: letters and digits only, whatever their case.
#include "database/encodings.h"

#include <algorithm>
#include <array>
#include <string>

namespace bulwark::database {
namespace {

/// Server encodings (all keep ASCII, or the server could not read SQL in them) and their aliases, by what they begin with.
constexpr std::array<std::string_view, 10> kAsciiBeginnings = {"latin", "iso8859", "win",   "koi8",       "euccn",
                                                               "eucjp", "euckr",   "euctw", "eucjis2004", "mule"};

std::string plain_name(std::string_view encoding) {
  std::string name;
  for (const char c : encoding) {
    if (c >= 'A' && c <= 'Z') name.push_back(static_cast<char>(c + 32));
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) name.push_back(c);
  }
  return name;
}

}  // namespace

bool means_utf8(std::string_view encoding) {
  const std::string name = plain_name(encoding);
  return name == "utf8" || name == "unicode";
}

bool keeps_ascii(std::string_view encoding) {
  const std::string name = plain_name(encoding);
  if (name == "utf8" || name == "unicode" || name == "sqlascii") return true;
  // Not the code pages 932 to 950, which are SJIS, GBK, UHC and BIG5.
  if (name == "win932" || name == "win936" || name == "win949" || name == "win950" || name.starts_with("windows9")) return false;
  return std::any_of(kAsciiBeginnings.begin(), kAsciiBeginnings.end(), [&](std::string_view each) { return name.starts_with(each); });
}

}  // namespace bulwark::database
