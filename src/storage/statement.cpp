// Prepared statements.
#include <sqlite3.h>

#include <utility>

#include "storage/database.h"
#include "storage/error.h"

namespace bulwark::storage {
namespace {

Result<void> checked(sqlite3_stmt* handle, int code, const std::string& path) {
  if (code == SQLITE_OK) return {};
  return sqlite_error(sqlite3_db_handle(handle), code, path);
}

}  // namespace

Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), path_(other.path_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(path_, other.path_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = sqlite_error(sqlite3_db_handle(handle_), sqlite3_extended_errcode(sqlite3_db_handle(handle_)), *path_);
  reset();
  return error;
}

void Statement::reset() { (void)sqlite3_reset(handle_); }  // repeats the error that step() gave already

Result<void> Statement::bind(int at, std::int64_t value) { return checked(handle_, sqlite3_bind_int64(handle_, at, value), *path_); }

Result<void> Statement::bind(int at, std::string_view value) {
  const char* text = value.data() != nullptr ? value.data() : "";
  return checked(handle_, sqlite3_bind_text64(handle_, at, text, value.size(), SQLITE_STATIC, SQLITE_UTF8), *path_);
}

Result<void> Statement::bind(int at, Blob value) {
  const void* bytes = value.data() != nullptr ? static_cast<const void*>(value.data()) : "";
  return checked(handle_, sqlite3_bind_blob64(handle_, at, bytes, value.size(), SQLITE_STATIC), *path_);
}

Result<void> Statement::bind(int at, std::nullptr_t) { return checked(handle_, sqlite3_bind_null(handle_, at), *path_); }

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }

std::string_view Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

Blob Statement::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }

}  // namespace bulwark::storage
