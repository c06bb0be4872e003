// Small files that may change underneath us: read whole up to a limit, and noticed when they become another.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace bulwark::identity {

/// Errors: origin config, for a file that is missing, unreadable or longer than `max_bytes`.
Result<std::string> read_bounded_file(const std::string& path, std::size_t max_bytes);

/// Differs whenever the file was replaced or written; 0 if it is not there.
std::uint64_t file_stamp(const std::string& path);

}  // namespace bulwark::identity
