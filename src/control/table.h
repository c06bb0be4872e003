// What the defenders have ordered and every plane enforces: block, throttle, revoke, freeze; each entry expires by itself
// and can be undone. Written rarely under a lock, read on every request from an immutable snapshot.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/ip.h"
#include "base/result.h"
#include "trace/principal.h"

namespace bulwark::control {

enum class Kind : std::uint8_t { block, throttle, revoke, freeze };
enum class Subject : std::uint8_t { ip, user, tenant, credential, session, database_role };

std::string_view to_string(Kind kind);
std::string_view to_string(Subject subject);
std::optional<Kind> kind_from(std::string_view text);
std::optional<Subject> subject_from(std::string_view text);

using EntryId = Id<16>;

struct Entry {
  EntryId id;
  Kind kind = Kind::block;
  Subject subject = Subject::ip;
  std::string value;         ///< the address in text form, user name, credential id …
  WallTime created = 0;
  WallTime expires = 0;      ///< always set: nothing lasts for ever
  std::string reason;        ///< for people, at 3 a.m.
  std::string created_by;    ///< "playbook:<name>" or "user:<name>"
  std::string incident;      ///< the incident's id, if one led here
};

/// Immutable; lookups cost a hash each and nothing when a subject kind has no entries.
class Snapshot {
 public:
  /// The entry that refuses this actor now, or nullptr. Block, revoke and freeze refuse; throttle does not.
  const Entry* refusal(const IpAddress& client, const trace::Principal* principal, WallTime now) const;
  /// As above for a database login.
  const Entry* refusal_for_role(std::string_view role, WallTime now) const;
  const Entry* throttle(const IpAddress& client, const trace::Principal* principal, WallTime now) const;
  const std::vector<Entry>& entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }

  ~Snapshot();

 private:
  friend class Table;
  Snapshot();
  std::vector<Entry> entries_;
  struct Index;
  std::unique_ptr<Index> index_;
};

/// Keeps entries over a restart. Called under the table's lock, off the request path.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual Result<void> save(const Entry& entry) = 0;
  virtual Result<void> remove(const EntryId& id) = 0;
  virtual Result<std::vector<Entry>> load() = 0;
};

class Table {
 public:
  static constexpr std::size_t kMaxEntries = 100'000;

  /// Loads what `journal` (may be nullptr: memory only) still holds; expired entries are dropped.
  static Result<std::unique_ptr<Table>> create(std::unique_ptr<Journal> journal, const Clock& clock = system_clock());
  ~Table();

  /// In force on every plane when this returns. An equal kind, subject and value extends the entry it finds.
  Result<Entry> add(Entry entry);
  Result<Entry> undo(const EntryId& id);
  void drop_expired();

  std::shared_ptr<const Snapshot> snapshot() const;
  /// Changes with every add, undo and expiry: a worker re-reads snapshot() only when this moved.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

  /// A worker's cached view: one relaxed load a request as long as nothing changes. Not thread-safe; one per thread.
  class View {
   public:
    explicit View(const Table& table) : table_(&table) {}
    const Snapshot& current();

   private:
    const Table* table_;
    std::uint64_t seen_ = ~0ULL;
    std::shared_ptr<const Snapshot> snapshot_;
  };

 private:
  Table(std::unique_ptr<Journal> journal, const Clock& clock);
  void publish(std::vector<Entry> entries);

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unique_ptr<Journal> journal_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace bulwark::control
