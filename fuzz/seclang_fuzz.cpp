// The SecLang reader on arbitrary text: it may refuse, with a place, but not crash, hang or grow.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "waf/prefilter/requirement.h"
#include "waf/seclang/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find("nclude") != std::string_view::npos) return 0;  // files are not this target's matter
  (void)bulwark::waf::seclang::read_text(text, "fuzz.conf");
  if (size < 4096) (void)bulwark::waf::requirement_of(text);
  return 0;
}
