// SQLite's result codes as Errors.
#include "storage/error.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace bulwark::storage {
namespace {

bool no_room(sqlite3* database, int code) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  if ((code & 0xff) != SQLITE_IOERR || database == nullptr) return false;
  const int why = sqlite3_system_errno(database);
  return why == ENOSPC || why == EDQUOT || why == EFBIG;
}

}  // namespace

Error sqlite_error(sqlite3* database, int code, const std::string& path) {
  if (no_room(database, code)) return internal_error(Code::exhausted, "no room left on the disk for " + path);
  // SQLite's own message may quote values: only its fixed words for the code are passed on.
  const std::string words = std::string(": ") + sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return internal_error(Code::unavailable, path + " is locked by another connection");
    case SQLITE_CONSTRAINT: return internal_error(Code::conflict, path + words);
    case SQLITE_NOTADB: return internal_error(Code::corrupt, path + " cannot be read with this master key, or is not a Bulwark database");
    case SQLITE_CORRUPT: return internal_error(Code::corrupt, path + words);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return internal_error(Code::denied, path + words);
    case SQLITE_TOOBIG: return internal_error(Code::too_large, path + words);
    case SQLITE_IOERR: {
      const int why = database == nullptr ? 0 : sqlite3_system_errno(database);
      return internal_error(Code::io, path + words + (why != 0 ? std::string(": ") + std::strerror(why) : ""));
    }
    default: return internal_error(Code::invalid, path + words);
  }
}

}  // namespace bulwark::storage
