// The visible list of probes. A new one is one file and one line here that says what it would notice first.
#include "bulwark/soc_lists.h"

#include "noc/probes/http.h"
#include "noc/probes/tcp.h"

namespace bulwark::app {

std::vector<std::unique_ptr<noc::Probe>> make_probes(const noc::Settings& settings, net::HttpClient& client) {
  std::vector<std::unique_ptr<noc::Probe>> probes;

  // What the configuration names: a page that answers, or a port that somebody accepts on. They notice a dead app or database
  // before a user does.
  for (const auto& each : settings.probes) probes.push_back(each.url.empty() ? noc::make_tcp(each) : noc::make_http(each, client));

  // New probes go above this line
  return probes;
}

}  // namespace bulwark::app
