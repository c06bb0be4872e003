// The visible list of actions that playbooks may name. A new one is one file and one line here that says what it is for.
#include "bulwark/soc_lists.h"

#include "soc/actions/block.h"

namespace bulwark::app {

std::vector<std::unique_ptr<soc::Action>> make_actions(control::Table& table) {
  std::vector<std::unique_ptr<soc::Action>> actions;

  // Refuse the subject on every plane for a while: the answer that is safe to give without asking anybody.
  actions.push_back(soc::make_block(table));

  // New actions go above this line
  return actions;
}

}  // namespace bulwark::app
