// Guard: for roles from which columns are kept. A covered column may be a plain column of the result, where it is covered on its way
// to the client; wherever else its value could be found out from, and whatever cannot be seen through, is refused.
#pragma once

#include <memory>

#include "database/guard.h"
#include "database/protection/protection.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_masked_columns(std::shared_ptr<const Protection> protection);

}  // namespace bulwark::database
