#include "console/account_database.h"

#include <mutex>

namespace bulwark::console {
namespace {

constexpr const char* kSchema[] = {
    "CREATE TABLE account (name TEXT PRIMARY KEY, role TEXT NOT NULL, password_hash TEXT NOT NULL, totp_secret BLOB NOT NULL,"
    " totp_last_step INTEGER NOT NULL, recovery_hashes TEXT NOT NULL, created INTEGER NOT NULL, last_sign_in INTEGER NOT NULL,"
    " invited_by TEXT NOT NULL) STRICT, WITHOUT ROWID",
};

constexpr std::string_view kColumns =
    "name, role, password_hash, totp_secret, totp_last_step, recovery_hashes, created, last_sign_in, invited_by";

/// Hashes are hex: joined by spaces.
std::string joined(const std::vector<std::string>& hashes) {
  std::string out;
  for (const auto& each : hashes) out.append(out.empty() ? "" : " ").append(each);
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto space = text.find(' ');
    out.emplace_back(text.substr(0, space));
    if (space == text.npos) break;
    text.remove_prefix(space + 1);
  }
  return out;
}

storage::Blob blob(const std::string& bytes) { return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}; }

Result<Account> read_row(const storage::Statement& row) {
  const auto role = role_from(row.text(1));
  if (!role) return internal_error(Code::corrupt, "an account has an unknown role");
  const auto secret = row.blob(3);
  return Account{.name = std::string(row.text(0)),
                 .role = *role,
                 .password_hash = std::string(row.text(2)),
                 .totp_secret = std::string(secret.begin(), secret.end()),
                 .totp_last_step = static_cast<std::uint64_t>(row.integer(4)),
                 .recovery_hashes = split(row.text(5)),
                 .created = row.integer(6),
                 .last_sign_in = row.integer(7),
                 .invited_by = std::string(row.text(8))};
}

class AccountDatabase final : public Accounts {
 public:
  explicit AccountDatabase(storage::Database database) : database_(std::move(database)) {}

  Result<std::optional<Account>> find(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    auto rows = TRY(database_.prepare("SELECT " + std::string(kColumns) + " FROM account WHERE name = ?1"));
    TRY(rows.query(name));
    if (!TRY(rows.step())) return std::optional<Account>();
    return std::optional<Account>(TRY(read_row(rows)));
  }

  Result<void> create(const Account& account) override {
    const std::lock_guard lock(mutex_);
    if (TRY(database_.integer("SELECT count(*) FROM account")) >= static_cast<std::int64_t>(kMax))
      return client_error(Code::exhausted, "There are too many accounts. Remove one first.");
    auto insert = TRY(database_.prepare("INSERT INTO account (" + std::string(kColumns) + ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
    const auto inserted = write(insert, account);
    if (!inserted.ok() && inserted.error().code == Code::conflict)
      return client_error(Code::conflict, "This name is taken. Choose another.");
    return inserted;
  }

  Result<void> save(const Account& account) override {
    const std::lock_guard lock(mutex_);
    auto update = TRY(
        database_.prepare("UPDATE account SET role = ?2, password_hash = ?3, totp_secret = ?4, totp_last_step = ?5, recovery_hashes = ?6,"
                          " created = ?7, last_sign_in = ?8, invited_by = ?9 WHERE name = ?1"));
    TRY(write(update, account));
    return one_changed();
  }

  Result<void> erase(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    auto remove = TRY(database_.prepare("DELETE FROM account WHERE name = ?1"));
    TRY(remove.execute(name));
    return one_changed();
  }

  Result<std::vector<Account>> list() override {
    const std::lock_guard lock(mutex_);
    auto rows = TRY(database_.prepare("SELECT " + std::string(kColumns) + " FROM account ORDER BY name"));
    TRY(rows.query());
    std::vector<Account> all;
    while (TRY(rows.step())) all.push_back(TRY(read_row(rows)));
    return all;
  }

 private:
  static Result<void> write(storage::Statement& statement, const Account& account) {
    return statement.execute(account.name, to_string(account.role), account.password_hash, blob(account.totp_secret),
                             account.totp_last_step, joined(account.recovery_hashes), account.created, account.last_sign_in,
                             account.invited_by);
  }

  Result<void> one_changed() const {
    if (database_.changed_rows() == 1) return {};
    return client_error(Code::not_found, "There is no account of this name.");
  }

  std::mutex mutex_;
  storage::Database database_;
};

}  // namespace

Result<std::unique_ptr<Accounts>> open_accounts(const storage::OpenOptions& options) {
  auto database = TRY(storage::Database::open(options));
  TRY(database.migrate(kSchema));
  return std::unique_ptr<Accounts>(std::make_unique<AccountDatabase>(std::move(database)));
}

}  // namespace bulwark::console
