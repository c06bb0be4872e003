// Denies what reaches beyond the database: functions that read files, run programs, open connections, execute text as SQL or stall
// the server; COPY to programs and server files; code that would run inside the server.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "database/guard.h"

namespace bulwark::database {

/// `allow_functions` and `deny_functions` change the built-in list.
std::shared_ptr<const Guard> make_dangerous_functions(std::span<const std::string> allow_functions,
                                                      std::span<const std::string> deny_functions, bool allow_server_code);

}  // namespace bulwark::database
