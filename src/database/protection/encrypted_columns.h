// Guard: where encrypted columns stand. Their values are sealed and opened on the way; what PostgreSQL cannot do with sealed values
// (ranges, patterns, sorting, expressions) is refused in words instead of giving wrong answers.
#pragma once

#include <memory>

#include "database/guard.h"
#include "database/protection/protection.h"

namespace bulwark::database {

std::shared_ptr<const Guard> make_encrypted_columns(std::shared_ptr<const Protection> protection);

}  // namespace bulwark::database
