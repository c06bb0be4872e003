// The part of normalising that needs Unicode's tables (through ICU); only texts with bytes beyond ASCII come here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bulwark::chat::injection {

struct UnicodeText {
  std::string text;  ///< NFKC, case folded, without marks and ignorables; look-alikes of Latin letters are Latin
  std::string tags;  ///< what tag characters (U+E0020–E007E) spell
  std::uint32_t invisible = 0;
};

UnicodeText fold_unicode(std::string_view utf8);

}  // namespace bulwark::chat::injection
