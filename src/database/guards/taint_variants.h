// What apps commonly make of a value before it reaches a statement: decoded once more, taken out of base64, white space drawn
// together. Each that differs from the value is looked for too.
#pragma once

#include <functional>
#include <string_view>

namespace bulwark::database::taint {

inline constexpr std::size_t kMaxVariantBytes = 16 * 1024;  ///< longer values are compared as they are only

void for_each_variant(std::string_view value, const std::function<void(std::string_view)>& visit);

}  // namespace bulwark::database::taint
