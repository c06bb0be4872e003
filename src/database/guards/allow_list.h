// The learned allow-list: which shapes of statements each role runs. It learns, then says what it has not seen (monitor), then denies it
// (enforce). The list is a text file that a person can read, compare and sign off.
#pragma once

#include <memory>
#include <string>

#include "database/guard.h"
#include "database/settings.h"

namespace bulwark::database {

/// Reads `settings.file` if it is there. While learning, each new shape is appended to it, durable before the statement passes.
/// Errors: config for a file that cannot be read, holds a malformed line, or is not signed as `signed_by` wants it.
Result<std::shared_ptr<const Guard>> make_allow_list(const AllowListSettings& settings);

}  // namespace bulwark::database
