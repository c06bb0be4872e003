// Writes a file that only its owner may read, whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::console {

/// Mode 0600 from the first byte on: written beside `path` and renamed over it.
Result<void> write_private_file(const std::string& path, std::string_view content);

}  // namespace bulwark::console
