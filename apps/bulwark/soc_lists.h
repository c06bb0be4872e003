// What the watch over all planes is made of: the lists in detectors.cpp, actions.cpp and probes.cpp.
#pragma once

#include <memory>
#include <vector>

#include "control/table.h"
#include "net/http_client.h"
#include "noc/probe.h"
#include "noc/settings.h"
#include "soc/action.h"
#include "soc/detector.h"
#include "soc/settings.h"

namespace bulwark::app {

std::vector<std::unique_ptr<soc::Detector>> make_detectors(const soc::Settings& settings);
std::vector<std::unique_ptr<soc::Action>> make_actions(control::Table& table);
std::vector<std::unique_ptr<noc::Probe>> make_probes(const noc::Settings& settings, net::HttpClient& client);

}  // namespace bulwark::app
