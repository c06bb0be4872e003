// What the defenders have ordered and every plane enforces: block, throttle, revoke, freeze; each entry expires by itself
// and can be undone. Written rarely under a lock, read on every request from an immutable snapshot.
#pragma once

#include <array>
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
  std::string value;  ///< the address in text form, user name, credential id …
  WallTime created = 0;
  WallTime expires = 0;    ///< always set: nothing lasts for ever
  std::string reason;      ///< for people, at 3 a.m.
  std::string created_by;  ///< "playbook:<name>" or "user:<name>"
  std::string incident;    ///< the incident's id, if one led here
};

/// Immutable. A lookup costs a hash for each kind of subject that has entries (and for each prefix length in use).
/// Entries lie in parts by their hash, so that adding one copies a part and not the whole: an attack from 100,000
/// sources must not make each further block dearer.
class Snapshot {
 public:
  static constexpr std::size_t kParts = 128;

  /// The entry that refuses this actor now, or nullptr. Block, revoke and freeze refuse; throttle does not.
  const Entry* refusal(const IpAddress& client, const trace::Principal* principal, WallTime now) const;
  /// As above for a database login.
  const Entry* refusal_for_role(std::string_view role, WallTime now) const;
  const Entry* throttle(const IpAddress& client, const trace::Principal* principal, WallTime now) const;
  /// A copy of all, newest first; for people, off the request path.
  std::vector<Entry> entries() const;
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  ~Snapshot();

 private:
  friend class Table;
  struct Part;
  Snapshot();
  Snapshot(const Snapshot& other);
  const Entry* find(bool refusing, const IpAddress& client, const trace::Principal* principal, WallTime now) const;
  const Entry* find_text(bool refusing, Subject subject, std::string_view value, WallTime now) const;
  const Entry* find_address(bool refusing, const IpAddress& client, WallTime now) const;
  const Entry* same(std::string_view key, Kind kind) const;
  const Entry* find_key(bool refusing, std::string_view key, WallTime now) const;
  void insert(const std::string& key, Entry entry);
  void erase(std::size_t part, const EntryId& id);
  void count(const std::string& key, int by);

  std::array<std::shared_ptr<const Part>, kParts> parts_;
  std::array<std::uint32_t, 6> by_subject_{};   ///< how many entries each kind of subject has
  std::array<std::uint32_t, 129> by_prefix_{};  ///< how many address entries each prefix length has
  std::size_t size_ = 0;
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
  static constexpr std::size_t kMaxText = 1024;  ///< bytes of each text of an entry
  static constexpr WallTime kMaxLifetime = 366LL * 86'400 * 1'000'000'000;

  /// Loads what `journal` (may be nullptr: memory only) still holds; expired entries are dropped.
  static Result<std::unique_ptr<Table>> create(std::unique_ptr<Journal> journal, const Clock& clock = system_clock());
  ~Table();

  /// In force on every plane when this returns. An equal kind, subject and value extends the entry it finds (and never
  /// shortens it). An address may be a prefix ("203.0.113.0/24"). `id` and `created` are filled in when empty.
  /// A journal that cannot save does not keep a block from coming into force: it is logged, and lasts until a restart.
  Result<Entry> add(Entry entry);
  /// Out of force when this returns, whatever it returns; an `io` error says that a restart would bring it back.
  Result<Entry> undo(const EntryId& id);
  /// Cheap when nothing expires; called every second or so.
  void drop_expired();

  std::shared_ptr<const Snapshot> snapshot() const;
  /// One load: whether the snapshot in force holds nothing, as on most days.
  bool empty() const { return empty_.load(std::memory_order_acquire); }
  /// Changes with every add, undo and expiry: a worker re-reads snapshot() only when this moved.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

  /// A worker's cached view: one load a request as long as nothing changes. Not thread-safe; one per thread.
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
  void publish(std::shared_ptr<const Snapshot> next);
  void remove_expired(Snapshot& next, WallTime now);

  const Clock& clock_;
  std::mutex writing_;          ///< one change at a time, journal included
  mutable std::mutex reading_;  ///< held only to copy or swap the pointer
  std::unique_ptr<Journal> journal_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::atomic<std::uint64_t> version_{0};
  std::atomic<bool> empty_{true};
};

}  // namespace bulwark::control
