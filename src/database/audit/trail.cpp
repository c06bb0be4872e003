// Waiting without blocking: the log's thread posts to the reactor, and only when somebody there waits.
#include "database/audit/trail.h"

namespace bulwark::database {
namespace {

constexpr std::chrono::milliseconds kLookAgain{500};
constexpr std::uint8_t kQuery = 4;  // OCSF activity_id of Datastore Activity

}  // namespace

AuditTrail::AuditTrail(audit::Log* log, net::Reactor& reactor, events::Publisher* publisher)
    : log_(log), reactor_(reactor), publisher_(publisher), timer_(reactor, [this] { look(); }) {
  if (log_ != nullptr) log_->listen([this] { progress(); });
}

audit::Ticket AuditTrail::write(AuditMoment moment, const AuditSettings& settings, const SessionInfo& session,
                                const StatementRecord& record, const Outcome& outcome) {
  if (log_ == nullptr || settings.durable == AuditDurable::off) return 0;
  write_audit_record(body_, moment, session, record, outcome, reactor_.wall());
  const bool awaited = settings.awaited();
  const auto ticket = log_->append(body_, awaited);
  if (ticket.ok()) {
    loss_told_ = false;
    return awaited ? *ticket : 0;
  }
  tell_loss(ticket.error());
  return awaited ? std::numeric_limits<audit::Ticket>::max() : 0;  // what is not on record is not let through
}

std::optional<Refusal> AuditTrail::refusal(const AuditSettings& settings) const {
  if (log_ == nullptr || !settings.awaited() || !log_->failing()) return std::nullopt;
  return Refusal{"58030", "the audit log cannot be written, and statements may not run without it", "database.audit", {}};
}

void AuditTrail::wait(audit::Ticket ticket, std::weak_ptr<bool> alive, std::function<void(bool)> resume) {
  waiting_.push_back({ticket, reactor_.now(), std::move(alive), std::move(resume)});
  if (!timer_.armed()) timer_.arm(kLookAgain);
  // Both sides exchange: either the log's thread sees that somebody waits, or its last commit is seen here.
  wanted_.exchange(true, std::memory_order_acq_rel);
  if (log_->durable() >= ticket) progress();
}

void AuditTrail::progress() {
  if (wanted_.exchange(false, std::memory_order_acq_rel)) reactor_.post([this] { look(); });
}

void AuditTrail::look() {
  std::vector<Waiting> all;
  all.swap(waiting_);
  for (Waiting& each : all) {
    const auto alive = each.alive.lock();
    if (alive == nullptr || !*alive) continue;
    const bool given_up = reactor_.now() - each.since > kPatience;
    if (log_->durable() >= each.ticket || given_up)
      each.resume(log_->durable() < each.ticket);
    else
      waiting_.push_back(std::move(each));
  }
  if (waiting_.empty()) return timer_.cancel();
  wanted_.exchange(true, std::memory_order_acq_rel);
  timer_.arm(kLookAgain);
}

void AuditTrail::tell_loss(const Error& why) {
  if (publisher_ == nullptr || std::exchange(loss_told_, true)) return;
  events::Event event;
  event.time = reactor_.wall();
  event.event_class = events::Class::datastore_activity;
  event.activity = kQuery;
  event.severity = events::Severity::critical;
  event.plane = events::Plane::database;
  event.disposition = events::Disposition::error;
  event.rule = "database.audit_lost";
  event.message = why.message;
  publisher_->publish(event);
}

}  // namespace bulwark::database
