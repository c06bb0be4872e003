// Opening with a key, schema versions and transactions.
#include "storage/database.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <unistd.h>

#include <utility>

#include "base/check.h"
#include "storage/error.h"

namespace bulwark::storage {
namespace {

constexpr const char* kCipher = "aegis";  // AEGIS-256; the library falls back to portable code on a CPU without AES

/// A raw key as SQLite3 Multiple Ciphers takes it ("raw:" and hex): the key is derived already, no stretching is needed.
int set_key(sqlite3* handle, const crypto::Key& key) {
  static constexpr char kDigits[] = "0123456789abcdef";
  char text[4 + 2 * crypto::Key::kBytes] = {'r', 'a', 'w', ':'};
  char* out = text + 4;
  for (const std::uint8_t byte : key.bytes) {
    *out++ = kDigits[byte >> 4];
    *out++ = kDigits[byte & 15];
  }
  const int code = sqlite3_key(handle, text, sizeof text);
  OPENSSL_cleanse(text, sizeof text);
  return code;
}

/// SQLite makes files with the umask; a database and the WAL beside it are nobody else's business.
Result<void> make_private_file(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return errno_error("opening " + path);
  close(descriptor);
  return {};
}

std::string pragmas(const OpenOptions& options) {
  // A page size is set before WAL and only works on a new file. Autocheckpoint: 4 MiB of WAL, a few ms of work each.
  return "PRAGMA page_size=" + std::to_string(options.page_bytes) + ";PRAGMA cache_size=-" + std::to_string(options.cache_kib) +
         (options.read_only ? ";PRAGMA query_only=1;" : ";PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;") +
         "PRAGMA foreign_keys=ON;PRAGMA trusted_schema=OFF;PRAGMA wal_autocheckpoint=1000;PRAGMA journal_size_limit=67108864;";
}

}  // namespace

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), path_(std::move(other.path_)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(path_, other.path_);
  return *this;
}

Database::~Database() {
  if (handle_ != nullptr) sqlite3_close_v2(handle_);
}

Result<Database> Database::open(const OpenOptions& options) {
  if (!options.read_only) TRY(make_private_file(options.path));
  auto path = std::make_unique<std::string>(options.path);
  sqlite3* handle = nullptr;
  const int flags =
      (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int opened = sqlite3_open_v2(path->c_str(), &handle, flags, nullptr);
  Database database(handle, std::move(path));
  if (opened != SQLITE_OK) return sqlite_error(handle, opened, options.path);
  sqlite3_busy_timeout(handle, static_cast<int>(options.busy_timeout.count()));
  CHECK(sqlite3mc_config(handle, "cipher", sqlite3mc_cipher_index(kCipher)) > 0);
  if (const int code = set_key(handle, options.key); code != SQLITE_OK) return sqlite_error(handle, code, options.path);
  TRY(database.integer("SELECT count(*) FROM sqlite_schema"));  // shows a wrong key here, in clear words
  TRY(database.run(pragmas(options).c_str()));
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) {
    Error error = sqlite_error(handle_, code, *path_);
    if (error.code == Code::invalid) error.message.append(": ").append(sqlite3_errmsg(handle_));  // our own SQL is no secret
    return error;
  }
  return Statement(statement, path_.get());
}

Result<void> Database::run(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(handle_, code, *path_);
  return {};
}

Result<std::int64_t> Database::integer(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return internal_error(Code::not_found, *path_ + ": no row");
  return statement.integer(0);
}

Result<void> Database::migrate(std::span<const char* const> steps) {
  const auto version = static_cast<std::size_t>(TRY(integer("PRAGMA user_version")));
  if (version > steps.size())
    return internal_error(Code::unsupported, *path_ + " was written by a newer Bulwark (schema " + std::to_string(version) + ")");
  for (std::size_t step = version; step < steps.size(); ++step) {
    Transaction transaction = TRY(Transaction::begin(*this));
    TRY(run(steps[step]));
    TRY(run(("PRAGMA user_version=" + std::to_string(step + 1)).c_str()));
    TRY(transaction.commit());
  }
  return {};
}

std::int64_t Database::last_insert_id() const { return sqlite3_last_insert_rowid(handle_); }
std::int64_t Database::changed_rows() const { return sqlite3_changes64(handle_); }

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.run("BEGIN IMMEDIATE"));
  return Transaction(&database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) (void)database_->run("ROLLBACK");  // fails when SQLite rolled back by itself
}

Result<void> Transaction::commit() {
  TRY(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace bulwark::storage
