#include "console/record.h"

namespace bulwark::console {

void Record::authentication(const Call& call, Sign activity, bool success, std::string_view user, std::string_view message) {
  events::Event event = base(call);
  event.event_class = events::Class::authentication;
  event.activity = static_cast<std::uint8_t>(activity);
  event.severity = success ? events::Severity::informational : events::Severity::medium;
  event.disposition = success ? events::Disposition::allowed : events::Disposition::blocked;
  event.user = user;
  event.rule = activity == Sign::on ? "console.sign_in" : "console.sign_out";
  event.message = message;
  publish(event);
}

void Record::change(const Call& call, Change activity, std::string_view rule, std::string_view target, std::string_view message) {
  events::Event event = base(call);
  event.event_class = events::Class::entity_management;
  event.activity = static_cast<std::uint8_t>(activity);
  event.disposition = events::Disposition::logged;
  if (call.session) event.user = call.session->user;
  event.rule = rule;
  event.target = target;
  event.message = message;
  publish(event);
}

events::Event Record::base(const Call& call) const {
  events::Event event;
  event.time = clock_.wall();
  event.plane = events::Plane::console;
  event.source = call.client;
  event.trace = call.trace;
  return event;
}

void Record::publish(const events::Event& event) {
  const std::lock_guard lock(mutex_);
  if (publisher_ != nullptr) publisher_->publish(event);
}

}  // namespace bulwark::console
