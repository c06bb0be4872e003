// Batch by batch in the order in which the rows lie; a row that is updated moves behind, where it is met again and has the new key.
#include "database/key_rotation.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <thread>

#include "database/protection/catalogue.h"
#include "database/protection/column_cipher.h"

namespace bulwark::database {
namespace {

constexpr int kMaxPasses = 100;  // rows that others write meanwhile with the old key, as long as they have not seen the new one
constexpr Oid kTidOid = 27;
constexpr Oid kByteaOid = 17;
constexpr std::size_t kTidBytes = 6;

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(char* text) const { PQfreemem(text); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
using Rows = std::unique_ptr<PGresult, Finish>;

struct Bytes {
  Oid type;
  std::string_view value;
};

/// Parameters and results in binary.
Result<Rows> run(PGconn* connection, const std::string& sql, std::initializer_list<Bytes> parameters = {}) {
  std::array<Oid, 3> types{};
  std::array<const char*, 3> values{};
  std::array<int, 3> sizes{};
  std::array<int, 3> formats{};
  std::size_t count = 0;
  for (const auto& each : parameters) {
    types[count] = each.type;
    values[count] = each.value.data();
    sizes[count] = static_cast<int>(each.value.size());
    formats[count++] = 1;
  }
  Rows rows(PQexecParams(connection, sql.c_str(), static_cast<int>(count), types.data(), values.data(), sizes.data(), formats.data(), 1));
  const auto status = PQresultStatus(rows.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return rows;
  // The server's words may quote the row; its code says enough.
  const char* code = PQresultErrorField(rows.get(), PG_DIAG_SQLSTATE);
  return upstream_error(Code::denied, "PostgreSQL answered with " + std::string(code == nullptr ? "no code" : code));
}

std::string quoted(PGconn* connection, const std::string& name) {
  const std::unique_ptr<char, Finish> text(PQescapeIdentifier(connection, name.data(), name.size()));
  return text == nullptr ? std::string("\"\"") : std::string(text.get());
}

class Rotation {
 public:
  Rotation(PGconn* connection, const KeyRotation& wanted, const ColumnCipher& cipher, std::uint32_t key)
      : connection_(connection), wanted_(wanted), cipher_(cipher) {
    append_integer(key_, key, 4);
    const ColumnPath path = ColumnPath::of(wanted.column);
    const std::string table = (path.schema.empty() ? "" : quoted(connection, path.schema) + ".") + quoted(connection, path.table);
    const std::string column = quoted(connection, path.column);
    const std::string key_at = std::to_string(ColumnCipher::kIndexBytes + 1);
    select_ = "select ctid, " + column + " from " + table + " where ctid > $1 and " + column + " is not null and substr(" + column + ", " +
              key_at + ", 4) <> $2 limit " + std::to_string(wanted.batch) + " for update";
    update_ = "update " + table + " set " + column + " = $1 where ctid = $2";
  }

  /// From the first row to the last; how many had another key.
  Result<std::uint64_t> pass() {
    std::uint64_t found = 0;
    std::string behind(kTidBytes, '\0');
    for (;;) {
      TRY(run(connection_, "begin"));
      const auto done = batch(behind);
      TRY(run(connection_, done.ok() ? "commit" : "rollback"));
      if (!done.ok()) return Error(done.error());
      if (*done == 0) return found;
      found += *done;
      rows_ += *done;
      if (wanted_.on_batch) wanted_.on_batch(rows_);
    }
  }
  std::uint64_t rows() const { return rows_; }

 private:
  static std::string_view field(const PGresult* rows, int row, int column) {
    return {PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column))};
  }

  Result<std::uint64_t> batch(std::string& behind) {
    const Rows rows = TRY(run(connection_, select_, {{kTidOid, behind}, {kByteaOid, key_}}));
    const int count = PQntuples(rows.get());
    for (int i = 0; i < count; ++i) {
      const std::string_view place = field(rows.get(), i, 0);
      const auto plain = cipher_.open(field(rows.get(), i, 1));
      if (!plain.ok())
        return internal_error(Code::corrupt, plain.error().message + " (row (" + std::to_string(read_integer(place.substr(0, 4))) + "," +
                                                 std::to_string(read_integer(place.substr(4))) + "))");
      TRY(run(connection_, update_, {{kByteaOid, cipher_.seal(*plain)}, {kTidOid, place}}));
      behind = std::max(behind, std::string(place));
    }
    return static_cast<std::uint64_t>(count);
  }

  PGconn* connection_;
  const KeyRotation& wanted_;
  const ColumnCipher& cipher_;
  std::string key_;
  std::string select_;
  std::string update_;
  std::uint64_t rows_ = 0;
};

}  // namespace

Result<KeyRotationReport> rotate_column_key(const Settings& settings, const crypto::Key& secret, const KeyRotation& wanted) {
  const auto& encrypted = settings.protection.encrypt;
  const auto rule =
      std::find_if(encrypted.begin(), encrypted.end(), [&](const EncryptSettings& each) { return each.column == wanted.column; });
  if (rule == encrypted.end()) return config_error("database.protection.encrypt names no column " + wanted.column);
  const Connection connection(PQconnectdb(wanted.url.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return upstream_error(Code::unavailable, "PostgreSQL cannot be reached or refuses the login");
  TRY(run(connection.get(), "set enable_seqscan = off"));  // places are compared; a scan from place to place begins where the last ended
  const auto keys = TRY(ColumnKeys::open(settings.protection.keys_file, secret, {wanted.column}));
  const std::uint32_t key = TRY(keys->rotate(wanted.column));
  const ColumnCipher cipher(*rule, keys);
  Rotation rotation(connection.get(), wanted, cipher, key);
  TRY(rotation.pass());
  // By now every gateway that follows the file seals under the new key.
  std::this_thread::sleep_for(2 * ColumnKeys::kLookEvery);
  for (int pass = 0; pass < kMaxPasses; ++pass)
    if (TRY(rotation.pass()) == 0) return KeyRotationReport{key, rotation.rows()};
  return upstream_error(Code::unavailable, "values under the old key keep coming: does every gateway read the same keys_file?");
}

}  // namespace bulwark::database
