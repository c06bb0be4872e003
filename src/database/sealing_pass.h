// The stored values of an encrypted column, taken in batches and sealed anew, while others read and write the table: what `bulwark db
// encrypt-column` and `bulwark db rotate-key` do to rows. Batch by batch in the order in which the rows lie; a row that is updated moves
// behind, where it is met again and needs nothing more.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "database/protection/column_cipher.h"
#include "database/settings.h"

namespace bulwark::database {

struct FinishPq {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(char* text) const { PQfreemem(text); }
};
using PqConnection = std::unique_ptr<PGconn, FinishPq>;
using PqRows = std::unique_ptr<PGresult, FinishPq>;

struct PqBytes {
  Oid type;
  std::string_view value;
};
/// Runs one statement with parameters and results in binary. Errors: upstream, with PostgreSQL's code but not its words, which may quote
/// rows.
Result<PqRows> pq_run(PGconn* connection, const std::string& sql, std::initializer_list<PqBytes> parameters = {});
/// Errors: upstream.
Result<PqConnection> pq_connect(const std::string& url);
std::string pq_quoted(PGconn* connection, const std::string& name);
/// "schema"."table" of a column's path.
std::string pq_table(PGconn* connection, const std::string& column);
/// The rule about the column. Errors: config, when there is none.
Result<EncryptSettings> encrypt_rule(const Settings& settings, const std::string& column);

class SealingPass {
 public:
  /// Which values: those under other keys than this one, or those that are not sealed at all.
  static constexpr std::uint32_t kPlain = 0;

  struct Plan {
    std::string column;                                ///< as `encrypt` names it
    std::size_t batch = 500;                           ///< rows of one transaction
    std::function<void(std::uint64_t rows)> on_batch;  ///< called after each with the rows done so far
  };
  SealingPass(PGconn* connection, const Plan& plan, const ColumnCipher& cipher, std::uint32_t other_than_key);

  /// From the first row to the last; how many were sealed. Errors: upstream; corrupt for a value that does not open or is none of the
  /// column's type, naming its row (ctid): what was done before stays done.
  Result<std::uint64_t> pass();
  /// The same, again and again until nothing is found. Errors also: unavailable when it does not end.
  Result<void> until_done();
  std::uint64_t rows() const { return rows_; }

 private:
  Result<std::uint64_t> batch(std::string& behind);

  PGconn* connection_;
  const Plan& plan_;
  const ColumnCipher& cipher_;
  std::string key_;
  std::string select_;
  std::string update_;
  std::uint64_t rows_ = 0;
};

/// A condition that holds for values of the column (quoted) which are not sealed.
std::string is_plain(const std::string& column);

}  // namespace bulwark::database
