// How strictly a guard acts, and what a statement does to a table: words that the settings of several guards share.
#pragma once

#include <cstdint>

#include "config/schema.h"

namespace bulwark::database {

enum class GuardMode : std::uint8_t { off, monitor, enforce };
config::EnumNames<GuardMode> enum_names(GuardMode);

enum class Verb : std::uint8_t { select, insert, update, delete_rows, truncate, define };
config::EnumNames<Verb> enum_names(Verb);

}  // namespace bulwark::database
