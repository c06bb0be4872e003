// What the NOC looks at from outside, as people configure it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/ip.h"
#include "config/schema.h"

namespace bulwark::noc {

/// GETs `url` when it is given, else connects to `address`.
struct ProbeSettings {
  std::string name;
  std::string url;
  Endpoint address;
  std::string ca_file;
  std::chrono::milliseconds interval{10'000};
  std::chrono::milliseconds deadline{5'000};
};
void describe(config::Object<ProbeSettings>& o);

struct Settings {
  std::vector<ProbeSettings> probes;

  static constexpr std::size_t kMaxProbes = 200;
};
void describe(config::Object<Settings>& o);

}  // namespace bulwark::noc
