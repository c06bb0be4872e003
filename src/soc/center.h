// The SOC at work: events go through the detectors on the bus thread; their alerts become incidents on a thread of its own,
// where playbooks act within milliseconds and everything is written down, published and can be undone by people.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "control/table.h"
#include "events/bus.h"
#include "soc/action.h"
#include "soc/detector.h"
#include "soc/ledger.h"
#include "soc/settings.h"

namespace bulwark::soc {

/// What people and the CLI ask and order. Thread-safe. `by` is "user:<name>".
class Desk {
 public:
  virtual ~Desk() = default;
  virtual Result<std::vector<AlertRecord>> alerts(std::size_t limit, std::int64_t before) = 0;
  virtual Result<std::vector<IncidentRecord>> incidents(std::size_t limit, bool open_only) = 0;
  virtual Result<std::vector<AlertRecord>> alerts_of(std::string_view incident) = 0;
  virtual Result<std::vector<ActionRecord>> actions_of(std::string_view incident) = 0;
  virtual std::vector<control::Entry> entries() = 0;

  /// By hand; anything goes that the control table takes, trusted addresses too.
  virtual Result<control::Entry> block(control::Subject subject, std::string_view value, std::chrono::seconds ttl, std::string_view reason,
                                       std::string_view by) = 0;
  /// A control entry's id or any action's undo handle. Playbooks then leave the subject alone for Settings::undo_grace.
  virtual Result<void> undo(std::string_view handle, std::string_view by) = 0;
  virtual Result<void> close_incident(std::string_view incident, std::string_view by) = 0;
};

struct Parts {
  Settings settings;
  storage::OpenOptions ledger;  ///< where incidents are kept
  control::Table* table = nullptr;
  events::Publisher* publisher = nullptr;            ///< the SOC's own
  std::vector<std::unique_ptr<Detector>> detectors;  ///< apps/bulwark/detectors.cpp
  std::vector<std::unique_ptr<Action>> actions;      ///< apps/bulwark/actions.cpp
};

class Center final : public events::Subscriber, public Desk, private AlertSink {
 public:
  static constexpr std::size_t kMaxQueued = 10'000;  ///< alerts that wait; past it they are counted and dropped

  /// Errors: config for a playbook that names an unknown detector or action; the ledger's.
  static Result<std::unique_ptr<Center>> create(Parts parts, const Clock& clock = system_clock());
  ~Center() override;
  void start();
  void stop();  ///< works off what waits

  void on_event(const events::Event& event) override;
  void on_tick(WallTime now) override;

  Result<std::vector<AlertRecord>> alerts(std::size_t limit, std::int64_t before) override;
  Result<std::vector<IncidentRecord>> incidents(std::size_t limit, bool open_only) override;
  Result<std::vector<AlertRecord>> alerts_of(std::string_view incident) override;
  Result<std::vector<ActionRecord>> actions_of(std::string_view incident) override;
  std::vector<control::Entry> entries() override;
  Result<control::Entry> block(control::Subject subject, std::string_view value, std::chrono::seconds ttl, std::string_view reason,
                               std::string_view by) override;
  Result<void> undo(std::string_view handle, std::string_view by) override;
  Result<void> close_incident(std::string_view incident, std::string_view by) override;

 private:
  Center(Parts parts, std::unique_ptr<Ledger> ledger, const Clock& clock);
  void raise(Alert alert) override;
  void run();
  void respond(const Alert& alert);
  IncidentRecord incident_for(const Alert& alert);
  std::vector<ActionRecord> act(const Alert& alert, const IncidentRecord& incident);
  const Playbook* playbook_for(const Alert& alert) const;
  std::string reason_to_leave_alone(const Alert& alert);
  Action* action_named(std::string_view name) const;
  void publish_alert(const Alert& alert, const IncidentRecord& incident);
  void publish_incident(const IncidentRecord& incident, std::uint8_t activity, std::string_view message);
  void publish(const events::Event& event);

  Parts parts_;
  std::unique_ptr<Ledger> ledger_;
  const Clock& clock_;
  WallTime next_expiry_check_ = 0;
  std::mutex publishing_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Alert> queue_;
  std::uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bulwark::soc
