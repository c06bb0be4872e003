// `bulwark db rotate-key`: a new data key for an encrypted column, and every stored value sealed again under it, in batches, while the
// gateway serves. Old keys stay in the file, so whatever is met on the way is readable.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/master_key.h"
#include "database/settings.h"

namespace bulwark::database {

struct KeyRotation {
  std::string column;                                ///< as `encrypt` names it
  std::size_t batch = 500;                           ///< rows of one transaction
  std::string url;                                   ///< of a role that may read and update the table
  std::function<void(std::uint64_t rows)> on_batch;  ///< called after each with the rows done so far
};

struct KeyRotationReport {
  std::uint32_t key = 0;  ///< the new one's number
  std::uint64_t rows = 0;
};

/// Blocks until no value under another key is left. `secret`: the gateway's. Errors: config for a column that is not encrypted; upstream;
/// corrupt for a value that does not open, naming its row (ctid); the batches before it stay done, and running it again goes on.
Result<KeyRotationReport> rotate_column_key(const Settings& settings, const crypto::Key& secret, const KeyRotation& wanted);

}  // namespace bulwark::database
