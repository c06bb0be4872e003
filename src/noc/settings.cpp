// The NOC's settings.
#include "noc/settings.h"

namespace bulwark::noc {

void describe(config::Object<ProbeSettings>& o) {
  o.field("name", &ProbeSettings::name, {.help = "What events and pages call it.", .example = "shop", .required = true})
      .field("url", &ProbeSettings::url,
             {.help = "Fetched with GET; up means a status below 400.", .example = "https://127.0.0.1:3000/health"})
      .field("address", &ProbeSettings::address, {.help = "Connected to, when no url is given.", .example = "127.0.0.1:5432"})
      .field("ca_file", &ProbeSettings::ca_file, {.help = "Certificates to trust for an https url; empty: the system's."})
      .field("interval", &ProbeSettings::interval, {.help = "How often.", .example = "10s", .min = 100, .max = 3'600'000})
      .field("deadline", &ProbeSettings::deadline, {.help = "When no answer counts as down.", .example = "5s", .min = 10, .max = 60'000})
      .check([](const ProbeSettings& probe) {
        if (probe.url.empty() == (probe.address == Endpoint{})) return std::string("a probe has either a url or an address");
        return std::string();
      });
}

void describe(config::Object<Settings>& o) {
  o.field("probes", &Settings::probes, {.help = "What to look at from outside.", .needs_restart = true})
      .check([](const Settings& settings) {
        return settings.probes.size() > Settings::kMaxProbes ? std::string("at most 200 probes") : std::string();
      });
}

}  // namespace bulwark::noc
