// Bulwark's own first rules, before any rule set: they choose the body processor by content type and refuse bodies that
// cannot be read without doubt. Ids 200000 to 200099, as in the reference's recommended configuration, so that existing
// exclusions by id keep their meaning.
#pragma once

#include <string_view>

namespace bulwark::waf {

std::string_view base_rules();

}  // namespace bulwark::waf
