// A worker's way to the audit log: writes the records of its sessions' statements, and lets a session go on when they are durable.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/log.h"
#include "database/audit/record.h"
#include "database/policy.h"
#include "events/bus.h"
#include "net/reactor.h"

namespace bulwark::database {

/// Made before the log is started and destroyed after it has stopped; all but the log's own call on the reactor's thread.
class AuditTrail {
 public:
  static constexpr std::chrono::seconds kPatience{5};  ///< for a disk that takes nothing; then the session ends

  /// `log` nullptr: nothing is recorded. `publisher` hears of records that were lost; may be nullptr.
  AuditTrail(audit::Log* log, net::Reactor& reactor, events::Publisher* publisher);
  AuditTrail(const AuditTrail&) = delete;
  AuditTrail& operator=(const AuditTrail&) = delete;

  /// What to wait for before going on; 0: nothing.
  audit::Ticket write(AuditMoment moment, const AuditSettings& settings, const SessionInfo& session, const StatementRecord& record,
                      const Outcome& outcome);
  bool durable(audit::Ticket ticket) const { return log_ == nullptr || log_->durable() >= ticket; }
  /// Why no statement may run now, when the policy wants records to be durable and the log cannot be written.
  std::optional<Refusal> refusal(const AuditSettings& settings) const;

  /// Calls `resume` from the reactor once `ticket` is durable, or with true after kPatience.
  void wait(audit::Ticket ticket, std::weak_ptr<bool> alive, std::function<void(bool given_up)> resume);

 private:
  struct Waiting {
    audit::Ticket ticket;
    MonoTime since;
    std::weak_ptr<bool> alive;
    std::function<void(bool)> resume;
  };
  void progress();  ///< on the log's thread
  void look();
  void tell_loss(const Error& why);

  audit::Log* log_;
  net::Reactor& reactor_;
  events::Publisher* publisher_;
  net::Timer timer_;
  std::vector<Waiting> waiting_;
  std::atomic<bool> wanted_{false};  ///< somebody waits
  bool loss_told_ = false;
  std::string body_;  ///< reused
};

}  // namespace bulwark::database
