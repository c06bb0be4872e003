// Runs all probes on one thread, each at its interval, keeps what they saw, and publishes an event when something's health
// changes: twice the same in a row, so that one lost packet wakes nobody.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "events/bus.h"
#include "noc/baseline.h"
#include "noc/probe.h"

namespace bulwark::noc {

struct ProbeStatus {
  std::string name;
  Health health = Health::up;
  std::string message = "not looked at yet";
  std::chrono::microseconds latency{0};
  double usual_us = 0;
  WallTime since = 0;   ///< of the last change of health
  WallTime looked = 0;  ///< 0: not yet
};

std::string_view to_string(Health health);

class Runner {
 public:
  static constexpr std::chrono::milliseconds kDeadline{5'000};  ///< of one observation; all share the thread

  /// `publisher` is this runner's own.
  Runner(std::vector<std::unique_ptr<Probe>> probes, events::Publisher& publisher, const Clock& clock = system_clock());
  ~Runner();
  void start();
  void stop();
  std::vector<ProbeStatus> status() const;
  /// Looks at the i-th probe now; what the thread does at each interval.
  void look(std::size_t i);

 private:
  struct Watched {
    std::unique_ptr<Probe> probe;
    Baseline baseline;
    ProbeStatus status;
    Health last_seen = Health::up;
    MonoTime next{};
  };
  void run();
  Observation observe(Watched& watched);
  void publish_change(const ProbeStatus& status, Health before);

  std::vector<Watched> watched_;
  events::Publisher& publisher_;
  const Clock& clock_;
  mutable std::mutex mutex_;  ///< of the statuses, and of stopping
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bulwark::noc
