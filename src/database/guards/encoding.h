// Denies encodings of text in which statements would be read otherwise here than by the server. Clients speak UTF-8; roles that no other
// guard looks at may also take encodings in which no byte of a longer character looks like a quote or a backslash.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "database/guard.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_encoding(std::vector<std::string> exempt_roles);

}  // namespace bulwark::database
