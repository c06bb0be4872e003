// `bulwark db encrypt-column`: what a column holds in clear is encrypted, in batches, while the gateway serves the table. It needs the rule
// with `plaintext: true`, under which values of both kinds are read and found. Interrupted, it is run again and goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/master_key.h"
#include "database/settings.h"

namespace bulwark::database {

struct ColumnEncryptionReport {
  std::string type;        ///< of the column, as it was
  std::uint64_t null = 0;  ///< rows, as they were
  std::uint64_t sealed = 0;
  std::uint64_t plain = 0;
  std::uint64_t encrypted = 0;     ///< by this run
  std::vector<std::string> notes;  ///< what to know about the table
};

struct ColumnEncryption {
  std::string column;       ///< as `encrypt` names it
  std::size_t batch = 500;  ///< rows of one transaction
  std::string url;          ///< of a role that may read and update the table; its owner, to convert the column
  bool dry_run = false;     ///< only count, and look at each value
  bool convert = false;     ///< make a column of another type one of bytea first
  std::function<void(const ColumnEncryptionReport& found)> on_counted;
  std::function<void()> on_converted;
  std::function<void(std::uint64_t rows, std::uint64_t of)> on_batch;  ///< of those that were counted; others write meanwhile
};

/// Blocks until no value in clear is left. `secret`: the gateway's. Errors: config for a column without such a rule, or of another type
/// without `convert`; upstream; corrupt for a value that is none of the rule's type, naming its row (ctid); the batches before it stay
/// done.
Result<ColumnEncryptionReport> encrypt_column(const Settings& settings, const crypto::Key& secret, const ColumnEncryption& wanted);

}  // namespace bulwark::database
