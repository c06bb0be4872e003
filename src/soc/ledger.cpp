// The ledger's tables and statements.
#include "soc/ledger.h"

#include <algorithm>

namespace bulwark::soc {
namespace {

constexpr const char* kMigrations[] = {R"sql(
CREATE TABLE incidents(
  id TEXT PRIMARY KEY, key TEXT NOT NULL, title TEXT NOT NULL, severity INTEGER NOT NULL, opened INTEGER NOT NULL,
  last INTEGER NOT NULL, alerts INTEGER NOT NULL, open INTEGER NOT NULL, closed_by TEXT NOT NULL);
CREATE INDEX incidents_key ON incidents(key, last);
CREATE INDEX incidents_last ON incidents(last);
CREATE TABLE alerts(
  number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL, time INTEGER NOT NULL, detector TEXT NOT NULL, rule TEXT NOT NULL,
  severity INTEGER NOT NULL, title TEXT NOT NULL, why TEXT NOT NULL, subject INTEGER NOT NULL, subject_value TEXT NOT NULL,
  evidence BLOB NOT NULL, incident TEXT NOT NULL);
CREATE INDEX alerts_incident ON alerts(incident);
CREATE TABLE actions(
  number INTEGER PRIMARY KEY AUTOINCREMENT, incident TEXT NOT NULL, time INTEGER NOT NULL, name TEXT NOT NULL, by TEXT NOT NULL,
  summary TEXT NOT NULL, undo_handle TEXT NOT NULL, undone_by TEXT NOT NULL);
CREATE INDEX actions_incident ON actions(incident);
CREATE INDEX actions_handle ON actions(undo_handle);
CREATE TABLE left_alone(subject INTEGER NOT NULL, value TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY(subject, value)) WITHOUT ROWID;
)sql"};

constexpr std::string_view kAlertColumns =
    "SELECT number, id, time, detector, rule, severity, title, why, subject, subject_value, evidence, incident FROM alerts ";
constexpr std::string_view kIncidentColumns = "SELECT id, key, title, severity, opened, last, alerts, open, closed_by FROM incidents ";
constexpr std::string_view kActionColumns = "SELECT number, incident, time, name, by, summary, undo_handle, undone_by FROM actions ";
constexpr int kSavesBetweenTrims = 1000;

std::string with(std::string_view columns, std::string_view rest) { return std::string(columns).append(rest); }

std::int64_t page(std::size_t limit) { return static_cast<std::int64_t>(std::min(limit, Ledger::kMaxPage)); }

storage::Blob bytes_of(const std::vector<TraceId>& evidence) {
  static_assert(sizeof(TraceId) == 16);
  return {reinterpret_cast<const std::uint8_t*>(evidence.data()), evidence.size() * sizeof(TraceId)};
}

std::vector<TraceId> evidence_from(storage::Blob bytes) {
  std::vector<TraceId> evidence(std::min(bytes.size() / sizeof(TraceId), Alert::kMaxEvidence));
  for (std::size_t i = 0; i < evidence.size(); ++i)
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * sizeof(TraceId)), sizeof(TraceId), evidence[i].bytes.begin());
  return evidence;
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const storage::OpenOptions& options) {
  auto database = TRY(storage::Database::open(options));
  TRY(database.migrate(kMigrations));
  return std::unique_ptr<Ledger>(new Ledger(std::move(database)));
}

Result<std::optional<IncidentRecord>> Ledger::open_incident(std::string_view key, WallTime since) {
  const std::lock_guard lock(mutex_);
  auto find = TRY(database_.prepare(with(kIncidentColumns, "WHERE key = ? AND open = 1 AND last >= ? ORDER BY last DESC LIMIT 1")));
  TRY(find.query(key, since));
  auto found = TRY(read_incidents(find));
  return found.empty() ? std::optional<IncidentRecord>() : std::optional(std::move(found[0]));
}

Result<void> Ledger::save(const IncidentRecord& incident, const Alert& alert, const std::vector<ActionRecord>& actions) {
  const std::lock_guard lock(mutex_);
  auto transaction = TRY(storage::Transaction::begin(database_));
  auto keep = TRY(database_.prepare(
      "INSERT INTO incidents(id, key, title, severity, opened, last, alerts, open, closed_by) VALUES(?,?,?,?,?,?,?,?,?) "
      "ON CONFLICT(id) DO UPDATE SET title = excluded.title, severity = excluded.severity, last = excluded.last, alerts = excluded.alerts"));
  TRY(keep.execute(incident.id, incident.key, incident.title, static_cast<int>(incident.severity), incident.opened, incident.last,
                   incident.alerts, incident.open ? 1 : 0, incident.closed_by));
  auto add = TRY(database_.prepare(
      "INSERT INTO alerts(id, time, detector, rule, severity, title, why, subject, subject_value, evidence, incident) VALUES(?,?,?,?,?,?,?,?,?,?,?)"));
  TRY(add.execute(storage::Blob(alert.id.bytes), alert.time, alert.detector, alert.rule, static_cast<int>(alert.severity), alert.title,
                  alert.why, static_cast<int>(alert.subject), alert.subject_value, bytes_of(alert.evidence), incident.id));
  for (const auto& action : actions) TRY(insert(action));
  if (++saves_ % kSavesBetweenTrims == 0) TRY(trim());
  return transaction.commit();
}

Result<void> Ledger::save(const ActionRecord& action) {
  const std::lock_guard lock(mutex_);
  return insert(action);
}

Result<void> Ledger::insert(const ActionRecord& action) {
  auto add = TRY(database_.prepare("INSERT INTO actions(incident, time, name, by, summary, undo_handle, undone_by) VALUES(?,?,?,?,?,?,?)"));
  return add.execute(action.incident, action.time, action.name, action.by, action.summary, action.undo_handle, action.undone_by);
}

Result<void> Ledger::trim() {
  const std::string limit = std::to_string(kMaxAlerts);
  return database_.run(("DELETE FROM alerts WHERE number <= (SELECT max(number) FROM alerts) - " + limit +
                        "; DELETE FROM actions WHERE number <= (SELECT max(number) FROM actions) - " + limit +
                        "; DELETE FROM incidents WHERE id IN (SELECT id FROM incidents ORDER BY last DESC LIMIT -1 OFFSET " + limit + ")")
                           .c_str());
}

Result<std::vector<AlertRecord>> Ledger::alerts(std::size_t limit, std::int64_t before) {
  const std::lock_guard lock(mutex_);
  auto find = TRY(database_.prepare(with(kAlertColumns, "WHERE number < ? ORDER BY number DESC LIMIT ?")));
  TRY(find.query(before > 0 ? before : INT64_MAX, page(limit)));
  return read_alerts(find);
}

Result<std::vector<AlertRecord>> Ledger::alerts_of(std::string_view incident) {
  const std::lock_guard lock(mutex_);
  auto find = TRY(database_.prepare(with(kAlertColumns, "WHERE incident = ? ORDER BY number DESC LIMIT ?")));
  TRY(find.query(incident, page(kMaxPage)));
  return read_alerts(find);
}

Result<std::vector<IncidentRecord>> Ledger::incidents(std::size_t limit, bool open_only) {
  const std::lock_guard lock(mutex_);
  auto find = TRY(database_.prepare(with(kIncidentColumns, "WHERE open >= ? ORDER BY last DESC LIMIT ?")));
  TRY(find.query(open_only ? 1 : 0, page(limit)));
  return read_incidents(find);
}

Result<std::optional<IncidentRecord>> Ledger::incident(std::string_view id) {
  const std::lock_guard lock(mutex_);
  auto find = TRY(database_.prepare(with(kIncidentColumns, "WHERE id = ?")));
  TRY(find.query(id));
  auto found = TRY(read_incidents(find));
  return found.empty() ? std::optional<IncidentRecord>() : std::optional(std::move(found[0]));
}

Result<std::vector<ActionRecord>> Ledger::actions_of(std::string_view incident) {
  const std::lock_guard lock(mutex_);
  auto find = TRY(database_.prepare(with(kActionColumns, "WHERE incident = ? ORDER BY number DESC LIMIT ?")));
  TRY(find.query(incident, page(kMaxPage)));
  return read_actions(find);
}

Result<std::optional<ActionRecord>> Ledger::action_by_handle(std::string_view undo_handle) {
  const std::lock_guard lock(mutex_);
  auto find = TRY(database_.prepare(with(kActionColumns, "WHERE undo_handle = ? ORDER BY number DESC LIMIT 1")));
  TRY(find.query(undo_handle));
  auto found = TRY(read_actions(find));
  return found.empty() ? std::optional<ActionRecord>() : std::optional(std::move(found[0]));
}

Result<void> Ledger::mark_undone(std::string_view undo_handle, std::string_view by) {
  const std::lock_guard lock(mutex_);
  auto mark = TRY(database_.prepare("UPDATE actions SET undone_by = ? WHERE undo_handle = ? AND undone_by = ''"));
  return mark.execute(by, undo_handle);
}

Result<bool> Ledger::close(std::string_view incident, std::string_view by) {
  const std::lock_guard lock(mutex_);
  auto mark = TRY(database_.prepare("UPDATE incidents SET open = 0, closed_by = ? WHERE id = ? AND open = 1"));
  TRY(mark.execute(by, incident));
  return database_.changed_rows() > 0;
}

Result<void> Ledger::leave_alone(control::Subject subject, std::string_view value, WallTime until) {
  const std::lock_guard lock(mutex_);
  auto keep = TRY(database_.prepare("INSERT OR REPLACE INTO left_alone(subject, value, until) VALUES(?,?,?)"));
  return keep.execute(static_cast<int>(subject), value, until);
}

Result<bool> Ledger::is_left_alone(control::Subject subject, std::string_view value, WallTime now) {
  const std::lock_guard lock(mutex_);
  auto find = TRY(database_.prepare("SELECT 1 FROM left_alone WHERE subject = ? AND value = ? AND until > ?"));
  TRY(find.query(static_cast<int>(subject), value, now));
  return find.step();
}

Result<std::vector<AlertRecord>> Ledger::read_alerts(storage::Statement& rows) {
  std::vector<AlertRecord> found;
  while (TRY(rows.step())) {
    AlertRecord record;
    record.number = rows.integer(0);
    const auto id = rows.blob(1);
    std::copy_n(id.begin(), std::min<std::size_t>(id.size(), 16), record.alert.id.bytes.begin());
    record.alert.time = rows.integer(2);
    record.alert.detector = rows.text(3);
    record.alert.rule = rows.text(4);
    record.alert.severity = static_cast<events::Severity>(rows.integer(5));
    record.alert.title = rows.text(6);
    record.alert.why = rows.text(7);
    record.alert.subject = static_cast<control::Subject>(rows.integer(8));
    record.alert.subject_value = rows.text(9);
    record.alert.evidence = evidence_from(rows.blob(10));
    record.incident = rows.text(11);
    found.push_back(std::move(record));
  }
  return found;
}

Result<std::vector<IncidentRecord>> Ledger::read_incidents(storage::Statement& rows) {
  std::vector<IncidentRecord> found;
  while (TRY(rows.step()))
    found.push_back({std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2)),
                     static_cast<events::Severity>(rows.integer(3)), rows.integer(4), rows.integer(5), rows.integer(6),
                     rows.integer(7) != 0, std::string(rows.text(8))});
  return found;
}

Result<std::vector<ActionRecord>> Ledger::read_actions(storage::Statement& rows) {
  std::vector<ActionRecord> found;
  while (TRY(rows.step()))
    found.push_back({rows.integer(0), std::string(rows.text(1)), rows.integer(2), std::string(rows.text(3)), std::string(rows.text(4)),
                     std::string(rows.text(5)), std::string(rows.text(6)), std::string(rows.text(7))});
  return found;
}

}  // namespace bulwark::soc
