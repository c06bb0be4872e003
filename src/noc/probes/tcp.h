// Tcp: connects to an address and closes again; down when nobody accepts within the deadline.
#pragma once

#include <memory>

#include "noc/probe.h"
#include "noc/settings.h"

namespace bulwark::noc {

std::unique_ptr<Probe> make_tcp(const ProbeSettings& settings);

}  // namespace bulwark::noc
