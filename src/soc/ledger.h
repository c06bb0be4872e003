// The SOC's memory on disk: alerts, incidents, actions and the subjects that playbooks leave alone, in encrypted SQLite.
// Thread-safe behind one lock; the numbers are small and people read them.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "soc/records.h"
#include "storage/database.h"

namespace bulwark::soc {

class Ledger {
 public:
  static constexpr std::int64_t kMaxAlerts = 200'000;  ///< the oldest go first; likewise incidents and actions
  static constexpr std::size_t kMaxPage = 1000;

  static Result<std::unique_ptr<Ledger>> open(const storage::OpenOptions& options);

  /// The open incident of this key that had an alert since `since`, or nullopt.
  Result<std::optional<IncidentRecord>> open_incident(std::string_view key, WallTime since);
  /// Saves the incident as given, its new alert and what was done, in one transaction.
  Result<void> save(const IncidentRecord& incident, const Alert& alert, const std::vector<ActionRecord>& actions);
  Result<void> save(const ActionRecord& action);

  /// Newest first; `before` 0: from the newest.
  Result<std::vector<AlertRecord>> alerts(std::size_t limit, std::int64_t before = 0);
  Result<std::vector<IncidentRecord>> incidents(std::size_t limit, bool open_only);
  Result<std::optional<IncidentRecord>> incident(std::string_view id);
  Result<std::vector<AlertRecord>> alerts_of(std::string_view incident);
  Result<std::vector<ActionRecord>> actions_of(std::string_view incident);
  Result<std::optional<ActionRecord>> action_by_handle(std::string_view undo_handle);

  Result<void> mark_undone(std::string_view undo_handle, std::string_view by);
  Result<bool> close(std::string_view incident, std::string_view by);

  Result<void> leave_alone(control::Subject subject, std::string_view value, WallTime until);
  Result<bool> is_left_alone(control::Subject subject, std::string_view value, WallTime now);

 private:
  explicit Ledger(storage::Database database) : database_(std::move(database)) {}
  Result<void> insert(const ActionRecord& action);
  Result<std::vector<AlertRecord>> read_alerts(storage::Statement& statement);
  Result<std::vector<IncidentRecord>> read_incidents(storage::Statement& statement);
  Result<std::vector<ActionRecord>> read_actions(storage::Statement& statement);
  Result<void> trim();

  std::mutex mutex_;
  storage::Database database_;
  int saves_ = 0;
};

}  // namespace bulwark::soc
