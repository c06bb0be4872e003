// From alert to incident to action.
#include "soc/center.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>

#include "base/log.h"
#include "soc/incident_events.h"

namespace bulwark::soc {
namespace {

constexpr WallTime kSecond = 1'000'000'000;
constexpr std::string_view kNoAction = "none";

Result<void> check_playbooks(const Parts& parts) {
  for (const auto& playbook : parts.settings.playbooks) {
    const auto named = [](std::string_view name) { return [name](const auto& each) { return each->name() == name; }; };
    if (playbook.detector != "*" && std::none_of(parts.detectors.begin(), parts.detectors.end(), named(playbook.detector)))
      return config_error(fmt::format("playbook '{}' names the detector '{}', which there is not", playbook.name, playbook.detector));
    if (playbook.action != kNoAction && std::none_of(parts.actions.begin(), parts.actions.end(), named(playbook.action)))
      return config_error(fmt::format("playbook '{}' names the action '{}', which there is not", playbook.name, playbook.action));
  }
  return {};
}

}  // namespace

Center::Center(Parts parts, std::unique_ptr<Ledger> ledger, const Clock& clock)
    : parts_(std::move(parts)), ledger_(std::move(ledger)), clock_(clock) {}

Center::~Center() { stop(); }

Result<std::unique_ptr<Center>> Center::create(Parts parts, const Clock& clock) {
  TRY(check_playbooks(parts));
  auto ledger = TRY(Ledger::open(parts.ledger));
  return std::unique_ptr<Center>(new Center(std::move(parts), std::move(ledger), clock));
}

void Center::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "bulwark-soc");
}

void Center::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Center::on_event(const events::Event& event) {
  for (const auto& detector : parts_.detectors) detector->on_event(event, *this);
}

void Center::on_tick(WallTime now) {
  for (const auto& detector : parts_.detectors) detector->on_tick(now, *this);
}

void Center::raise(Alert alert) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= kMaxQueued) {
      ++dropped_;
      return;
    }
    queue_.push_back(std::move(alert));
  }
  wake_.notify_one();
}

void Center::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_ || !queue_.empty(); });
    while (!queue_.empty()) {
      const Alert alert = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      respond(alert);
      lock.lock();
    }
    if (stopping_) return;
    if (const std::uint64_t dropped = std::exchange(dropped_, 0); dropped > 0)
      log::error("{} alerts were dropped: more than {} waited", dropped, kMaxQueued);
    lock.unlock();
    if (clock_.wall() >= next_expiry_check_) {
      parts_.table->drop_expired();
      next_expiry_check_ = clock_.wall() + kSecond;
    }
    lock.lock();
  }
}

void Center::respond(const Alert& alert) {
  IncidentRecord incident = incident_for(alert);
  // The defence first; then the record of it, which a slow or full disk may delay or refuse.
  const std::vector<ActionRecord> actions = act(alert, incident);
  if (auto saved = ledger_->save(incident, alert, actions); !saved)
    log::error("an alert of incident {} is not saved: {}", incident.id, saved.error().message);
  publish_alert(alert, incident);
  publish_incident(incident, incident.alerts == 1 ? kIncidentCreated : kIncidentUpdated,
                   actions.empty() ? incident.title : incident.title + ": " + actions.front().summary);
}

IncidentRecord Center::incident_for(const Alert& alert) {
  const WallTime since = alert.time - std::chrono::nanoseconds(parts_.settings.incident_quiet).count();
  auto known = ledger_->open_incident(alert.rule, since);
  IncidentRecord incident;
  if (!known) log::error("open incidents cannot be read: {}", known.error().message);
  if (known && *known) {
    incident = std::move(**known);
  } else {
    incident.id = Id<16>::random().hex();
    incident.key = alert.rule;
    incident.opened = alert.time;
  }
  incident.title = alert.title;
  incident.severity = std::max(incident.severity, alert.severity);
  incident.last = std::max(incident.last, alert.time);
  ++incident.alerts;
  return incident;
}

std::vector<ActionRecord> Center::act(const Alert& alert, const IncidentRecord& incident) {
  const Playbook* playbook = playbook_for(alert);
  if (playbook == nullptr || playbook->action == kNoAction) return {};
  ActionRecord record;
  record.incident = incident.id;
  record.time = clock_.wall();
  record.name = playbook->action;
  record.by = "playbook:" + playbook->name;
  if (std::string why = reason_to_leave_alone(alert); !why.empty()) {
    record.summary = "not done: " + why;
    return {record};
  }
  auto done = action_named(playbook->action)->run({&alert, incident.id, playbook->name, playbook->ttl});
  if (done) {
    record.summary = std::move(done->summary);
    record.undo_handle = std::move(done->undo_handle);
    log::warn("playbook '{}' did '{}' for incident {}", playbook->name, playbook->action, incident.id);
  } else {
    record.summary = "failed: " + done.error().message;
    log::error("playbook '{}' failed to do '{}' for incident {}: {}", playbook->name, playbook->action, incident.id, done.error().message);
  }
  return {record};
}

const Playbook* Center::playbook_for(const Alert& alert) const {
  const auto& playbooks = parts_.settings.playbooks;
  const auto found = std::find_if(playbooks.begin(), playbooks.end(), [&](const Playbook& each) {
    return (each.detector == "*" || each.detector == alert.detector) && reaches(alert.severity, each.min_severity);
  });
  return found == playbooks.end() ? nullptr : &*found;
}

std::string Center::reason_to_leave_alone(const Alert& alert) {
  if (alert.subject_value.empty()) return "the alert is about nobody";
  if (alert.subject == control::Subject::ip) {
    const auto subject = IpPrefix::parse(alert.subject_value);
    if (subject && parts_.settings.is_trusted(*subject)) return alert.subject_value + " is trusted by configuration";
  }
  const auto left_alone = ledger_->is_left_alone(alert.subject, alert.subject_value, clock_.wall());
  if (left_alone && *left_alone) return "a person undid an action on " + alert.subject_value + " a short time ago";
  return {};
}

Action* Center::action_named(std::string_view name) const {
  const auto found = std::find_if(parts_.actions.begin(), parts_.actions.end(), [&](const auto& each) { return each->name() == name; });
  return found == parts_.actions.end() ? nullptr : found->get();
}

void Center::publish_alert(const Alert& alert, const IncidentRecord& incident) {
  const std::string detail = alert_detail(alert, incident.id);
  publish(alert_event(alert, detail));
}

void Center::publish_incident(const IncidentRecord& incident, std::uint8_t activity, std::string_view message) {
  const std::string detail = incident_detail(incident);
  publish(incident_event(incident, activity, clock_.wall(), message, detail));
}

void Center::publish(const events::Event& event) {
  const std::lock_guard lock(publishing_);
  (void)parts_.publisher->publish(event);  // a loss is counted there and reported on the bus
}

}  // namespace bulwark::soc
