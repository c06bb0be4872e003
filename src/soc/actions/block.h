// Block: refuses the alert's subject on every plane until the playbook's time is over; undoing it lifts the block at once.
#pragma once

#include <memory>

#include "soc/action.h"

namespace bulwark::soc {

std::unique_ptr<Action> make_block(control::Table& table, const Clock& clock = system_clock());

}  // namespace bulwark::soc
