// Compiled literal databases, kept on disk under the hash of what they were made from: compiling takes a second, reading a moment.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

struct hs_database;

namespace bulwark::waf {

/// A block-mode database of `literals` (matched without case, each reported once, with its index as id). The caller frees it.
/// A cache that cannot be read or written is no error: the database is then compiled.
Result<hs_database*> literal_database(const std::vector<std::string>& literals, const std::string& cache_directory);

}  // namespace bulwark::waf
