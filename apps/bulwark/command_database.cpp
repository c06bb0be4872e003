// `bulwark db`: what a person reviews and signs about the database: the learned statements, and how the server and its roles are set up.
#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/clock.h"
#include "base/hex.h"
#include "bulwark/commands.h"
#include "bulwark/settings.h"
#include "crypto/master_key.h"
#include "database/column_encryption.h"
#include "database/key_rotation.h"
#include "database/review.h"
#include "database/statement_list.h"

namespace bulwark::app {
namespace {

int complain(const Error& error) {
  fmt::print(stderr, "{}\n", error.message);
  return error.origin == Origin::config ? 2 : 1;
}

Result<database::Settings> database_section(const std::string& config_file) {
  Settings settings = TRY(load_settings(config_file));
  if (!settings.database) return config_error(config_file + " has no database section");
  return *std::move(settings.database);
}

Result<std::string> list_file(const std::string& config_file) {
  const database::Settings settings = TRY(database_section(config_file));
  if (settings.guards.allow_list.file.empty()) return config_error(config_file + ": database.guards.allow_list names no file");
  return settings.guards.allow_list.file;
}

/// What is in the list now and was not when it was last signed, or the other way round. Nothing signed yet: all of it.
Result<database::ListDifference> difference(const std::string& file) {
  const auto now = TRY(database::read_statement_list(file));
  const auto before = database::read_statement_list(database::signed_copy(file));
  return database::compare(before.ok() ? *before : std::vector<database::ListedShape>(), now);
}

void print(char sign, const std::vector<database::ListedShape>& shapes) {
  for (const auto& each : shapes) fmt::print("{} {} {}  {}\n", sign, each.fingerprint.substr(0, 16), each.role, each.shape);
}

/// The running gateway holds the data directory; its key file may be read beside it, but not be made.
Result<crypto::MasterKey> existing_master_key(const Settings& settings) {
  if (!settings.master_key.value.empty()) return crypto::MasterKey::from_secret(settings.master_key.value);
  const std::string file = settings.data_dir + "/keys/master.key";
  if (!std::filesystem::exists(file)) return config_error("there is no master key " + file + " yet: nothing is encrypted");
  return crypto::MasterKey::load_or_create(file);
}

Result<std::string> secret_text(const std::string& text) {
  if (text.starts_with("env:")) {
    const char* value = std::getenv(text.c_str() + 4);
    if (value == nullptr) return config_error("the environment has no " + text.substr(4));
    return std::string(value);
  }
  if (!text.starts_with("file:")) return text;
  std::ifstream input(text.substr(5));
  std::string line;
  if (!std::getline(input, line)) return config_error("cannot read " + text.substr(5));
  return line;
}

/// What it takes to work on encrypted columns beside the gateway.
struct ColumnWork {
  database::Settings settings;
  crypto::Key secret;
};
Result<ColumnWork> column_work(const std::string& config_file) {
  Settings settings = TRY(load_settings(config_file));
  if (!settings.database) return config_error(config_file + " has no database section");
  auto& protection = settings.database->protection;
  if (protection.keys_file.empty()) protection.keys_file = settings.data_dir + "/column-keys";
  crypto::Key secret = TRY(existing_master_key(settings)).derive("database.values");
  return ColumnWork{*std::move(settings.database), std::move(secret)};
}

Result<database::KeyRotationReport> rotate_key(const std::string& config_file, const RotateOptions& options) {
  const ColumnWork work = TRY(column_work(config_file));
  database::KeyRotation wanted{options.column, options.batch, TRY(secret_text(options.url)), {}};
  wanted.on_batch = [](std::uint64_t rows) { fmt::print("{} rows\n", rows); };
  return database::rotate_column_key(work.settings, work.secret, wanted);
}

Result<database::ColumnEncryptionReport> encrypt_column(const std::string& config_file, const EncryptColumnOptions& options) {
  const ColumnWork work = TRY(column_work(config_file));
  database::ColumnEncryption wanted;
  wanted.column = options.column;
  wanted.batch = options.batch;
  wanted.url = TRY(secret_text(options.url));
  wanted.dry_run = options.dry_run;
  wanted.convert = options.convert;
  // Shown at once: this may take hours, and somebody may kill it and wants to know how far it came.
  const auto show = [](const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  wanted.on_counted = [&](const auto& found) {
    show(fmt::format("column {} ({}): {} values in clear, {} encrypted, {} null", options.column, found.type, found.plain, found.sealed,
                     found.null));
    for (const auto& note : found.notes) show("note: " + note);
  };
  wanted.on_converted = [&] { show("the column is of type bytea now"); };
  wanted.on_batch = [&](std::uint64_t rows, std::uint64_t of) { show(fmt::format("{} of {} values", rows, of)); };
  return database::encrypt_column(work.settings, work.secret, wanted);
}

}  // namespace

int database_rotate_key(const std::string& config_file, const RotateOptions& options) {
  const auto done = rotate_key(config_file, options);
  if (!done.ok()) return complain(done.error());
  fmt::print("column {}: key {} is in use, {} values were sealed again\n", options.column, done->key, done->rows);
  return 0;
}

int database_encrypt_column(const std::string& config_file, const EncryptColumnOptions& options) {
  const auto done = encrypt_column(config_file, options);
  if (!done.ok()) return complain(done.error());
  if (options.dry_run) {
    fmt::print("every value is of the column's type; nothing was changed\n");
    return 0;
  }
  fmt::print("column {}: {} values were encrypted, none is in clear; now take `plaintext: true` out of the configuration and reload\n",
             options.column, done->encrypted);
  return 0;
}

int allow_list_diff(const std::string& config_file) {
  const auto file = list_file(config_file);
  if (!file.ok()) return complain(file.error());
  const auto found = difference(*file);
  if (!found.ok()) return complain(found.error());
  print('-', found->removed);
  print('+', found->added);
  fmt::print("{} new, {} gone since the list was signed\n", found->added.size(), found->removed.size());
  return found->added.empty() && found->removed.empty() ? 0 : 1;
}

int allow_list_sign(const std::string& config_file, const SignOptions& options) {
  const auto file = list_file(config_file);
  if (!file.ok()) return complain(file.error());
  const auto master = crypto::MasterKey::load_or_create(options.key_file);
  if (!master.ok()) return complain(master.error());
  const auto key = crypto::SigningKey::from_seed(master->derive("allow-list signature"));
  const auto found = difference(*file);
  if (!found.ok()) return complain(found.error());
  const std::string date = to_rfc3339(system_clock().wall());
  if (const auto done = database::sign_statement_list(*file, key, options.by, date); !done.ok()) return complain(done.error());
  fmt::print("signed {}: {} new, {} gone\n", database::signed_copy(*file), found->added.size(), found->removed.size());
  fmt::print("database.guards.allow_list.signed_by: [{}]\n", to_hex(key.public_key()));
  return 0;
}

int database_review(const std::string& config_file) {
  const auto settings = load_settings(config_file);
  if (!settings.ok()) return complain(settings.error());
  if (!settings->database) return complain(config_error(config_file + " has no database section"));
  const std::string log = settings->data_dir + "/audit";
  const auto report = database::review(*settings->database, std::filesystem::exists(log) ? log : "");
  if (!report.ok()) return complain(report.error());
  for (const auto& each : report->findings) fmt::print("{:<8}{}\n", each.weight == database::Weight::high ? "HIGH" : "notice", each.text);
  if (!report->revokes.empty()) fmt::print("\n-- Grants that nothing in the allow-list uses. Read before running.\n");
  for (const auto& each : report->revokes) fmt::print("{}\n", each);
  for (const auto& each : report->unknown_roles)
    fmt::print("-- {}: some of its statements could not be read, so its grants are not judged\n", each);
  fmt::print("{} findings, {} grants to revoke\n", report->findings.size(), report->revokes.size());
  return report->findings.empty() && report->revokes.empty() ? 0 : 1;
}

}  // namespace bulwark::app
