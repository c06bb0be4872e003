// Accounts in the encrypted state database, one row each.
#pragma once

#include <memory>

#include "console/accounts.h"
#include "storage/database.h"

namespace bulwark::console {

/// Opens (or makes) the database of `options`; thread-safe behind one lock, since sign-ins are few.
Result<std::unique_ptr<Accounts>> open_accounts(const storage::OpenOptions& options);

}  // namespace bulwark::console
