// The visible list of probes. A new one is one file and one line here that says what it would notice first.
#include "bulwark/soc_lists.h"

#include "noc/probe.h"

namespace bulwark::app {

std::vector<std::unique_ptr<noc::Probe>> make_probes() {
  std::vector<std::unique_ptr<noc::Probe>> probes;

  // New probes go above this line
  return probes;
}

}  // namespace bulwark::app
