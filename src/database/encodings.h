// What PostgreSQL calls encodings (https://www.postgresql.org/docs/15/multibyte.html), as far as it matters to who reads text here.
#pragma once

#include <string_view>

namespace bulwark::database {

/// However it is written: utf-8, "UTF8", unicode.
bool means_utf8(std::string_view encoding);
/// Whether a byte below 128 is always the ASCII character: not so in SJIS, BIG5, GBK, GB18030, UHC, JOHAB and SHIFT_JIS_2004, nor in what
/// is not known here.
bool keeps_ascii(std::string_view encoding);

}  // namespace bulwark::database
