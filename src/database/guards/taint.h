// Request-to-SQL taint: what came in with a request may fill a literal (or a plain list of names) of the statement that the request
// causes, and nothing more. An input found in the text across the border of a literal has changed the statement's structure, whatever
// the WAF thought of it.
#pragma once

#include <memory>

#include "database/guard.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_taint();

}  // namespace bulwark::database
