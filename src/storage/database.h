// State on disk: a thin wrapper over SQLite with its pages encrypted (SQLite3 Multiple Ciphers, AEGIS-256), in WAL mode.
// A Database and its Statements belong to one thread at a time; open one Database a thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/master_key.h"

struct sqlite3;
struct sqlite3_stmt;

namespace bulwark::storage {

using Blob = std::span<const std::uint8_t>;

/// A prepared statement. Parameters are numbered from 1, columns from 0. Reset by execute(), query() and its destructor.
/// Errors everywhere: `exhausted` when the disk is full, `conflict` for a constraint, `unavailable` when another process
/// holds the lock past the deadline, `corrupt`, `io`; each names the file.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  /// Binds all parameters in order and runs to the end.
  template <class... Values>
  Result<void> execute(const Values&... values) {
    TRY(query(values...));
    while (TRY(step())) {
    }
    reset();
    return {};
  }
  /// Binds all parameters in order; step() then gives rows. Bound text and blobs must live until the last step.
  template <class... Values>
  Result<void> query(const Values&... values) {
    reset();
    int at = 0;
    Result<void> bound;
    ((bound.ok() ? void(bound = bind(++at, values)) : void()), ...);
    return bound;
  }
  Result<bool> step();  ///< false: no more rows
  void reset();

  Result<void> bind(int at, std::int64_t value);
  Result<void> bind(int at, int value) { return bind(at, static_cast<std::int64_t>(value)); }
  Result<void> bind(int at, std::uint64_t value) { return bind(at, static_cast<std::int64_t>(value)); }
  Result<void> bind(int at, std::string_view value);
  Result<void> bind(int at, const char* value) { return bind(at, std::string_view(value)); }
  Result<void> bind(int at, const std::string& value) { return bind(at, std::string_view(value)); }
  Result<void> bind(int at, Blob value);
  Result<void> bind(int at, std::nullptr_t);

  std::int64_t integer(int column) const;
  std::string_view text(int column) const;  ///< until the next step
  Blob blob(int column) const;              ///< until the next step
  bool is_null(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* handle, const std::string* path) : handle_(handle), path_(path) {}
  sqlite3_stmt* handle_;
  const std::string* path_;
};

struct OpenOptions {
  std::string path;
  crypto::Key key;
  bool read_only = false;
  std::chrono::milliseconds busy_timeout{2000};  ///< how long to wait for another connection's lock
  std::int64_t cache_kib = 8 * 1024;
  std::int64_t page_bytes = 4096;  ///< of a new file
};

class Database {
 public:
  /// Makes the file (mode 0600) when it is missing. Errors: `corrupt` when the key is not the file's or the file is damaged.
  static Result<Database> open(const OpenOptions& options);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  Result<Statement> prepare(std::string_view sql);
  /// Runs statements that return no rows; for schema and pragmas, never with values from outside in the text.
  Result<void> run(const char* sql);
  /// One integer, e.g. "SELECT count(*) …"; `not_found` when there is no row.
  Result<std::int64_t> integer(std::string_view sql);
  /// Brings the schema up to date: step i is run when user_version is i, each in a transaction.
  Result<void> migrate(std::span<const char* const> steps);

  std::int64_t last_insert_id() const;
  std::int64_t changed_rows() const;  ///< by the last statement
  const std::string& path() const { return *path_; }

 private:
  Database(sqlite3* handle, std::unique_ptr<std::string> path) : handle_(handle), path_(std::move(path)) {}
  sqlite3* handle_ = nullptr;
  std::unique_ptr<std::string> path_;  ///< its address is what statements keep
};

/// Rolls back unless committed. Takes the write lock at once, so that a busy database shows here and not half-way.
class [[nodiscard]] Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace bulwark::storage
