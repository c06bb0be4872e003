// Keeps control entries over a restart, in an encrypted SQLite file of their own.
#pragma once

#include <memory>

#include "control/table.h"
#include "storage/database.h"

namespace bulwark::soc {

Result<std::unique_ptr<control::Journal>> open_control_journal(const storage::OpenOptions& options);

}  // namespace bulwark::soc
