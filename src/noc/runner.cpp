// The NOC's thread.
#include "noc/runner.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>

#include "base/log.h"

namespace bulwark::noc {

std::string_view to_string(Health health) {
  switch (health) {
    case Health::up: return "up";
    case Health::degraded: return "degraded";
    case Health::down: return "down";
  }
  return "unknown";
}

Runner::Runner(std::vector<std::unique_ptr<Probe>> probes, events::Publisher& publisher, const Clock& clock)
    : publisher_(publisher), clock_(clock) {
  for (auto& probe : probes) {
    Watched watched;
    watched.status.name = probe->name();
    watched.probe = std::move(probe);
    watched_.push_back(std::move(watched));
  }
}

Runner::~Runner() { stop(); }

void Runner::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "bulwark-noc");
}

void Runner::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::vector<ProbeStatus> Runner::status() const {
  const std::lock_guard lock(mutex_);
  std::vector<ProbeStatus> all;
  for (const auto& watched : watched_) all.push_back(watched.status);
  return all;
}

void Runner::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    auto soonest = clock_.mono() + std::chrono::hours(1);
    for (std::size_t i = 0; i < watched_.size() && !stopping_; ++i) {
      if (watched_[i].next <= clock_.mono()) {
        lock.unlock();
        look(i);
        lock.lock();
        watched_[i].next = clock_.mono() + watched_[i].probe->interval();
      }
      soonest = std::min(soonest, watched_[i].next);
    }
    wake_.wait_for(lock, soonest - clock_.mono(), [this] { return stopping_; });
  }
}

Observation Runner::observe(Watched& watched) {
  auto seen = watched.probe->observe(kDeadline);
  if (!seen) {
    log::warn("probe '{}' itself failed: {}", watched.status.name, seen.error().message);
    return {Health::degraded, std::chrono::microseconds(0), "the probe itself failed: " + seen.error().message};
  }
  if (seen->health != Health::up) return *seen;
  const double usual = watched.baseline.mean();
  if (watched.baseline.observe(static_cast<double>(seen->latency.count()))) {
    seen->health = Health::degraded;
    seen->message +=
        fmt::format(", but took {:.1f} ms where {:.1f} ms are usual", static_cast<double>(seen->latency.count()) / 1000, usual / 1000);
  }
  return *seen;
}

void Runner::look(std::size_t i) {
  Watched& watched = watched_[i];
  const Observation seen = observe(watched);
  const bool confirmed = seen.health == watched.last_seen;
  watched.last_seen = seen.health;
  const std::unique_lock lock(mutex_);
  ProbeStatus& status = watched.status;
  status.latency = seen.latency;
  status.usual_us = watched.baseline.mean();
  status.looked = clock_.wall();
  if (status.since == 0) status.since = status.looked;
  if (!confirmed) return;
  status.message = seen.message;
  if (seen.health == status.health) return;
  const Health before = std::exchange(status.health, seen.health);
  status.since = status.looked;
  publish_change(status, before);
}

void Runner::publish_change(const ProbeStatus& status, Health before) {
  const std::string message =
      fmt::format("{} is {} (was {}): {}", status.name, to_string(status.health), to_string(before), status.message);
  events::Event event;
  event.time = status.looked;
  event.event_class = events::Class::application_lifecycle;
  event.activity = 99;  // other
  event.severity = status.health == Health::down       ? events::Severity::high
                   : status.health == Health::degraded ? events::Severity::medium
                                                       : events::Severity::informational;
  event.disposition = status.health == Health::up ? events::Disposition::logged : events::Disposition::alert;
  event.plane = events::Plane::noc;
  event.duration_us = static_cast<std::uint32_t>(std::min<std::int64_t>(status.latency.count(), UINT32_MAX));
  event.rule = "noc.probe";
  event.target = status.name;
  event.message = message;
  (void)publisher_.publish(event);  // a loss is counted there and reported on the bus
}

}  // namespace bulwark::noc
