// The alphabet of principals.
#include "identity/names.h"

#include <algorithm>

#include "base/utf8.h"

namespace bulwark::identity {

bool valid_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxNameBytes || text.front() == ' ' || text.back() == ' ') return false;
  const bool controls = std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return !controls && utf8_valid(text);
}

bool valid_role(std::string_view text) { return valid_name(text) && text.find(',') == std::string_view::npos; }

}  // namespace bulwark::identity
