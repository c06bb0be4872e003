// What people ask the SOC and order it to do.
#include <fmt/format.h>

#include "base/log.h"
#include "soc/center.h"
#include "soc/incident_events.h"

namespace bulwark::soc {
namespace {

constexpr std::size_t kMaxHandle = 256;

events::Event order_event(WallTime now, std::string_view rule, std::string_view target, std::string_view message) {
  events::Event event;
  event.time = now;
  event.event_class = events::Class::entity_management;
  event.activity = 99;  // other
  event.severity = events::Severity::medium;
  event.disposition = events::Disposition::logged;
  event.plane = events::Plane::control;
  event.rule = rule;
  event.target = target;
  event.message = message;
  return event;
}

}  // namespace

Result<std::vector<AlertRecord>> Center::alerts(std::size_t limit, std::int64_t before) { return ledger_->alerts(limit, before); }
Result<std::vector<IncidentRecord>> Center::incidents(std::size_t limit, bool open_only) { return ledger_->incidents(limit, open_only); }
Result<std::vector<AlertRecord>> Center::alerts_of(std::string_view incident) { return ledger_->alerts_of(incident); }
Result<std::vector<ActionRecord>> Center::actions_of(std::string_view incident) { return ledger_->actions_of(incident); }
std::vector<control::Entry> Center::entries() { return parts_.table->snapshot()->entries(); }

Result<control::Entry> Center::block(control::Subject subject, std::string_view value, std::chrono::seconds ttl, std::string_view reason,
                                     std::string_view by) {
  control::Entry wanted;
  wanted.subject = subject;
  wanted.value = value;
  wanted.expires = clock_.wall() + std::chrono::nanoseconds(ttl).count();
  wanted.reason = reason;
  wanted.created_by = by;
  control::Entry made = TRY(parts_.table->add(std::move(wanted)));
  ActionRecord record;
  record.time = clock_.wall();
  record.name = "block";
  record.by = by;
  record.summary = fmt::format("blocked {} {} until {}", control::to_string(subject), made.value, to_rfc3339(made.expires));
  record.undo_handle = made.id.hex();
  if (auto saved = ledger_->save(record); !saved) log::error("an order to block is not saved: {}", saved.error().message);
  publish(order_event(clock_.wall(), "control.ordered", made.value, fmt::format("{} {}: {}", by, record.summary, reason)));
  return made;
}

Result<void> Center::undo(std::string_view handle, std::string_view by) {
  if (handle.empty() || handle.size() > kMaxHandle) return client_error(Code::invalid, "not the id of an action");
  control::Subject subject{};
  std::string value;
  for (const control::Entry& entry : entries())
    if (entry.id.hex() == handle) {
      subject = entry.subject;
      value = entry.value;
    }
  const auto record = TRY(ledger_->action_by_handle(handle));
  Action* action = action_named(record ? std::string_view(record->name) : "block");
  if (action == nullptr) return client_error(Code::not_found, "nothing has this id");
  TRY(action->undo(handle, by));
  TRY(ledger_->mark_undone(handle, by));
  if (!value.empty()) {
    const WallTime until = clock_.wall() + std::chrono::nanoseconds(parts_.settings.undo_grace).count();
    TRY(ledger_->leave_alone(subject, value, until));
  }
  publish(
      order_event(clock_.wall(), "control.undone", value, fmt::format("{} undid: {}", by, record ? record->summary : std::string(handle))));
  return {};
}

Result<void> Center::close_incident(std::string_view incident, std::string_view by) {
  if (!TRY(ledger_->close(incident, by))) return client_error(Code::not_found, "no open incident has this id");
  if (const auto closed = TRY(ledger_->incident(incident)))
    publish_incident(*closed, kIncidentClosed, fmt::format("{} closed: {}", by, closed->title));
  return {};
}

}  // namespace bulwark::soc
