// Which texts may name a user, tenant or role: they end in headers, events and files.
#pragma once

#include <string_view>

namespace bulwark::identity {

constexpr std::size_t kMaxNameBytes = 256;

/// 1 to kMaxNameBytes bytes of UTF-8 without control characters or white space at the ends.
bool valid_name(std::string_view text);
/// Also without a comma, since roles are joined by commas.
bool valid_role(std::string_view text);

}  // namespace bulwark::identity
