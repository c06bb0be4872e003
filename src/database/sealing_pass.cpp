// Places of rows (ctid) are compared, so that each batch begins where the last ended.
#include "database/sealing_pass.h"

#include <algorithm>
#include <array>

#include "database/protection/catalogue.h"

namespace bulwark::database {
namespace {

constexpr int kMaxPasses = 100;  // rows that others write meanwhile in the old way, as long as they have not seen the new one
constexpr Oid kTidOid = 27;
constexpr std::size_t kTidBytes = 6;

std::string_view field(const PGresult* rows, int row, int column) {
  return {PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column))};
}

Error in_row(const std::string& what, std::string_view place) {
  return internal_error(Code::corrupt, what + " (row (" + std::to_string(read_integer(place.substr(0, 4))) + "," +
                                           std::to_string(read_integer(place.substr(4))) + "))");
}

}  // namespace

Result<PqRows> pq_run(PGconn* connection, const std::string& sql, std::initializer_list<PqBytes> parameters) {
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
  PqRows rows(PQexecParams(connection, sql.c_str(), static_cast<int>(count), types.data(), values.data(), sizes.data(), formats.data(), 1));
  const auto status = PQresultStatus(rows.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return rows;
  const char* code = PQresultErrorField(rows.get(), PG_DIAG_SQLSTATE);
  return upstream_error(Code::denied, "PostgreSQL answered with " + std::string(code == nullptr ? "no code" : code));
}

Result<PqConnection> pq_connect(const std::string& url) {
  PqConnection connection(PQconnectdb(url.c_str()));
  if (PQstatus(connection.get()) == CONNECTION_OK) return connection;
  return upstream_error(Code::unavailable, "PostgreSQL cannot be reached or refuses the login");
}

std::string pq_quoted(PGconn* connection, const std::string& name) {
  const std::unique_ptr<char, FinishPq> text(PQescapeIdentifier(connection, name.data(), name.size()));
  return text == nullptr ? std::string("\"\"") : std::string(text.get());
}

std::string pq_table(PGconn* connection, const std::string& column) {
  const ColumnPath path = ColumnPath::of(column);
  return (path.schema.empty() ? "" : pq_quoted(connection, path.schema) + ".") + pq_quoted(connection, path.table);
}

Result<EncryptSettings> encrypt_rule(const Settings& settings, const std::string& column) {
  const auto& rules = settings.protection.encrypt;
  const auto rule = std::find_if(rules.begin(), rules.end(), [&](const EncryptSettings& each) { return each.column == column; });
  if (rule == rules.end()) return config_error("database.protection.encrypt names no column " + column);
  return *rule;
}

std::string is_plain(const std::string& column) {
  return "(substr(" + column + ", 1, 1) <> '\\x01'::bytea or length(" + column + ") < " + std::to_string(ColumnCipher::kLeastBytes) + ")";
}

SealingPass::SealingPass(PGconn* connection, const Plan& plan, const ColumnCipher& cipher, std::uint32_t other_than_key)
    : connection_(connection), plan_(plan), cipher_(cipher) {
  const std::string table = pq_table(connection, plan.column);
  const std::string column = pq_quoted(connection, ColumnPath::of(plan.column).column);
  std::string wanted = is_plain(column);
  if (other_than_key != kPlain) {
    append_integer(key_, other_than_key, 4);
    wanted = "substr(" + column + ", " + std::to_string(ColumnCipher::kIndexBytes + 1) + ", 4) <> $2";
  }
  select_ = "select ctid, " + column + " from " + table + " where ctid > $1 and " + column + " is not null and " + wanted + " limit " +
            std::to_string(plan.batch) + " for update";
  update_ = "update " + table + " set " + column + " = $1 where ctid = $2";
}

Result<std::uint64_t> SealingPass::pass() {
  TRY(pq_run(connection_, "set enable_seqscan = off"));  // a scan from place to place begins where the last ended
  std::uint64_t found = 0;
  std::string behind(kTidBytes, '\0');
  for (;;) {
    TRY(pq_run(connection_, "begin"));
    const auto done = batch(behind);
    TRY(pq_run(connection_, done.ok() ? "commit" : "rollback"));
    if (!done.ok()) return Error(done.error());
    if (*done == 0) return found;
    found += *done;
    rows_ += *done;
    if (plan_.on_batch) plan_.on_batch(rows_);
  }
}

Result<void> SealingPass::until_done() {
  for (int pass = 0; pass < kMaxPasses; ++pass)
    if (TRY(this->pass()) == 0) return {};
  return upstream_error(Code::unavailable,
                        "values written in the old way keep coming: has every gateway the same configuration and keys_file?");
}

Result<std::uint64_t> SealingPass::batch(std::string& behind) {
  const PqRows rows = TRY(key_.empty() ? pq_run(connection_, select_, {{kTidOid, behind}})
                                       : pq_run(connection_, select_, {{kTidOid, behind}, {type_oid::kBytea, key_}}));
  const int count = PQntuples(rows.get());
  for (int i = 0; i < count; ++i) {
    const std::string_view place = field(rows.get(), i, 0);
    const auto stored = cipher_.open(field(rows.get(), i, 1));
    if (!stored.ok()) return in_row(stored.error().message, place);
    // Somebody else may have written it in another way than the gateway would.
    const auto plain = plain_value(cipher_.type(), Format::text, *stored, DateWriting::iso);
    if (!plain) return in_row("column " + plan_.column + ": a stored value is none of the column's type", place);
    TRY(pq_run(connection_, update_, {{type_oid::kBytea, cipher_.seal(*plain)}, {kTidOid, place}}));
    behind = std::max(behind, std::string(place));
  }
  return static_cast<std::uint64_t>(count);
}

}  // namespace bulwark::database
