// A column of another type is converted by PostgreSQL in one statement (its text as UTF-8); from then on only values change.
#include "database/column_encryption.h"

#include <algorithm>
#include <charconv>
#include <thread>

#include "database/protection/catalogue.h"
#include "database/sealing_pass.h"

namespace bulwark::database {
namespace {

constexpr int kLockAttempts = 20;
constexpr std::string_view kLockNotAvailable = "55P03";

std::string literal(PGconn* connection, const std::string& text) {
  const std::unique_ptr<char, FinishPq> quoted(PQescapeLiteral(connection, text.data(), text.size()));
  return quoted == nullptr ? std::string("''") : std::string(quoted.get());
}

/// One statement without values of rows in it: then PostgreSQL's words may be told.
Result<PqRows> ask(PGconn* connection, const std::string& sql) {
  PqRows rows(PQexec(connection, sql.c_str()));
  const auto status = PQresultStatus(rows.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return rows;
  const char* code = PQresultErrorField(rows.get(), PG_DIAG_SQLSTATE);
  const char* words = PQresultErrorField(rows.get(), PG_DIAG_MESSAGE_PRIMARY);
  return upstream_error(Code::denied, std::string(code == nullptr ? "" : code) + ": " + (words == nullptr ? "no answer" : words));
}

std::uint64_t number(const PGresult* rows, int column) {
  const std::string_view text = PQgetvalue(rows, 0, column);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

class Encryption {
 public:
  Encryption(PGconn* connection, const ColumnEncryption& wanted)
      : connection_(connection),
        wanted_(wanted),
        table_(pq_table(connection, wanted.column)),
        column_(pq_quoted(connection, ColumnPath::of(wanted.column).column)) {}

  Result<void> look() {
    const std::string where = " from pg_catalog.pg_attribute a where a.attrelid = " + literal(connection_, table_) +
                              "::pg_catalog.regclass and a.attname = " + literal(connection_, ColumnPath::of(wanted_.column).column) +
                              " and a.attnum > 0 and not a.attisdropped";
    const PqRows found = TRY(ask(connection_, "select pg_catalog.format_type(a.atttypid, a.atttypmod)" + where));
    if (PQntuples(found.get()) != 1) return config_error("table " + table_ + " has no column " + column_);
    report.type = PQgetvalue(found.get(), 0, 0);
    const std::string plain = is_bytea() ? is_plain(column_) : "true";
    const PqRows counted = TRY(ask(connection_, "select count(*) - count(" + column_ + "), count(" + column_ + ") filter (where not " +
                                                    plain + "), count(" + column_ + ") filter (where " + plain + ") from " + table_));
    report.null = number(counted.get(), 0);
    report.sealed = number(counted.get(), 1);
    report.plain = number(counted.get(), 2);
    return look_around(where);
  }

  /// What is true of plain values and no longer of sealed ones.
  Result<void> look_around(const std::string& where) {
    const PqRows indexes = TRY(
        ask(connection_, "select i.indexrelid::pg_catalog.regclass::text, i.indisunique from pg_catalog.pg_index i where i.indrelid = " +
                             literal(connection_, table_) + "::pg_catalog.regclass and exists (select 1" + where +
                             " and a.attnum = any (i.indkey)) order by 1"));
    for (int i = 0; i < PQntuples(indexes.get()); ++i)
      report.notes.push_back(
          "index " + std::string(PQgetvalue(indexes.get(), i, 0)) + " stands over the column: " +
          (*PQgetvalue(indexes.get(), i, 1) == 't' ? "it will not keep values unique any more" : "it will find nothing any more") +
          "; one over (substr(" + column_ + ", 1, " + std::to_string(ColumnCipher::kIndexBytes) + ")) does");
    return {};
  }

  /// Each plain value is read once; the first that is none of the type is told.
  Result<void> rehearse(const ColumnCipher& cipher) {
    const std::string text = is_bytea() ? "convert_from(" + column_ + ", 'UTF8')" : column_ + "::text";
    const std::string which = is_bytea() ? is_plain(column_) : "true";
    TRY(ask(connection_, "begin"));
    TRY(ask(connection_, "declare plain no scroll cursor for select ctid::text, " + text + " from " + table_ + " where " + column_ +
                             " is not null and " + which));
    for (;;) {
      const PqRows rows = TRY(ask(connection_, "fetch " + std::to_string(wanted_.batch) + " from plain"));
      const int count = PQntuples(rows.get());
      for (int i = 0; i < count; ++i)
        if (!plain_value(cipher.type(), Format::text, PQgetvalue(rows.get(), i, 1), DateWriting::iso))
          return internal_error(Code::corrupt, "column " + wanted_.column + ": a stored value is none of the column's type (row " +
                                                   PQgetvalue(rows.get(), i, 0) + ")");
      if (count == 0) break;
    }
    TRY(ask(connection_, "rollback"));
    return {};
  }

  bool is_bytea() const { return report.type == "bytea"; }

  /// Waits for its lock a short while at a time: what queues behind it waits as well.
  Result<void> convert() {
    const std::string sql =
        "alter table " + table_ + " alter column " + column_ + " type bytea using pg_catalog.convert_to(" + column_ + "::text, 'UTF8')";
    TRY(ask(connection_, "set lock_timeout = '500ms'"));
    for (int attempt = 1;; ++attempt) {
      const auto done = ask(connection_, sql);
      if (done.ok()) return {};
      if (!done.error().message.starts_with(kLockNotAvailable) || attempt == kLockAttempts) return Error(done.error());
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
  }

  ColumnEncryptionReport report;

 private:
  PGconn* connection_;
  const ColumnEncryption& wanted_;
  std::string table_;
  std::string column_;
};

}  // namespace

Result<ColumnEncryptionReport> encrypt_column(const Settings& settings, const crypto::Key& secret, const ColumnEncryption& wanted) {
  const EncryptSettings rule = TRY(encrypt_rule(settings, wanted.column));
  if (!rule.plaintext)
    return config_error("database.protection.encrypt, column " + wanted.column +
                        ": set `plaintext: true` and reload first, or the gateway refuses what is not encrypted yet");
  const PqConnection connection = TRY(pq_connect(wanted.url));
  TRY(ask(connection.get(), "set datestyle = 'ISO'"));
  Encryption work(connection.get(), wanted);
  TRY(work.look());
  if (wanted.on_counted) wanted.on_counted(work.report);
  const auto keys = TRY(ColumnKeys::open(settings.protection.keys_file, secret, {wanted.column}));
  const ColumnCipher cipher(rule, keys);
  TRY(work.rehearse(cipher));
  if (wanted.dry_run) return work.report;
  if (!work.is_bytea()) {
    if (!wanted.convert)
      return config_error(
          "column " + wanted.column + " is of type " + work.report.type +
          ": with --convert it becomes bytea, while statements on its table wait for as long as PostgreSQL takes to rewrite it");
    TRY(work.convert());
    if (wanted.on_converted) wanted.on_converted();
  }
  // By then every gateway knows the column as bytea, and the key.
  std::this_thread::sleep_for(
      2 * std::max<std::chrono::milliseconds>(settings.protection.refresh,
                                              std::chrono::duration_cast<std::chrono::milliseconds>(ColumnKeys::kLookEvery)));
  const auto tell = [&](std::uint64_t rows) {
    if (wanted.on_batch) wanted.on_batch(rows, work.report.plain);
  };
  const SealingPass::Plan plan{wanted.column, wanted.batch, tell};
  SealingPass sealing(connection.get(), plan, cipher, SealingPass::kPlain);
  TRY(sealing.until_done());
  work.report.encrypted = sealing.rows();
  return work.report;
}

}  // namespace bulwark::database
