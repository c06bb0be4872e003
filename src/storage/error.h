// SQLite's result codes as Errors that name the file and what a person can do.
#pragma once

#include <string>

#include "base/error.h"

struct sqlite3;

namespace bulwark::storage {

Error sqlite_error(sqlite3* database, int code, const std::string& path);

}  // namespace bulwark::storage
