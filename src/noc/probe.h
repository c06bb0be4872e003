// Looks at one thing from outside and says how it is. A probe is one file in probes/, its test beside it, and one line in
// apps/bulwark/probes.cpp. Probes run on the NOC's thread, each bounded by its deadline.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace bulwark::noc {

enum class Health : std::uint8_t { up, degraded, down };

struct Observation {
  Health health = Health::up;
  std::chrono::microseconds latency{0};
  std::string message;  ///< one sentence for people: what was seen, and why it counts as that
};

class Probe {
 public:
  virtual ~Probe() = default;
  virtual std::string_view name() const = 0;
  virtual std::chrono::milliseconds interval() const = 0;
  /// An Error means the probe itself failed, not what it looks at.
  virtual Result<Observation> observe(std::chrono::milliseconds deadline) = 0;
};

}  // namespace bulwark::noc
