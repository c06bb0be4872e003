// The one writer of the embedded store: rows, batches, rollups and spool positions in one transaction a call.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "events/embedded/batch.h"
#include "events/embedded/keys.h"
#include "events/embedded/payloads.h"
#include "events/store.h"
#include "storage/database.h"

namespace bulwark::events::embedded {

/// True for what nobody asks for singly: allowed, informational, no rule had a say. All else gets a row of its own.
bool ordinary(const Event& event);

/// The searchable small fields of a row in one number; see docs/formats/events.md.
std::int64_t pack_kind(const Event& event);
void unpack_kind(std::int64_t kind, Event& event);

class Writer {
 public:
  ~Writer();
  static Result<std::unique_ptr<Writer>> open(const storage::OpenOptions& options, Dictionaries& dictionaries);

  Result<void> append(std::span<const Event> events, std::span<const SpoolPosition> positions);
  Result<std::vector<SpoolPosition>> positions();
  /// Erases at most `rows` events that are older than `minute_limit` (a multiple of a minute). 0: nothing is left to erase.
  Result<std::uint64_t> erase_some(WallTime minute_limit, std::size_t rows);
  Result<std::optional<WallTime>> oldest_minute();
  Result<std::uint64_t> bytes_used();

 private:
  Writer(storage::Database database, Dictionaries& dictionaries);
  struct Statements;
  Result<void> prepare();
  Result<void> add_row(const Event& event);
  Result<void> add_to_batch(const Event& event);
  Result<void> write_batch();
  Result<void> add_keys(const Event& event);
  void note_minute(const Event& event, EventId id);
  Result<void> write_minutes();
  Result<void> write_positions(std::span<const SpoolPosition> positions);
  Result<void> train_if_due();
  Result<std::int64_t> erase_batches(std::int64_t last_id, WallTime limit, std::size_t events);
  void forget_open_batch();

  struct CountKey {
    WallTime minute;
    Plane plane;
    Disposition disposition;
    std::string rule;
    auto operator<=>(const CountKey&) const = default;
  };
  struct IdRange {
    EventId first;
    EventId last;
  };

  storage::Database database_;
  Dictionaries& dictionaries_;
  std::unique_ptr<Statements> statements_;
  Packer packer_;
  DictionaryTrainer trainer_{0};
  std::uint32_t dictionary_count_ = 0;
  EventId next_id_ = 1;
  Bytes encoded_;

  BatchBuilder batch_;  ///< the last batch, rewritten until it is full
  bool batch_changed_ = false;
  TraceFilter filter_;
  std::unordered_set<std::int64_t> batch_keys_;
  std::vector<std::int64_t> batch_key_list_;  ///< the same in order; stored, so that erasing the batch finds its keys
  std::int64_t last_keys_[3]{};               ///< what the event before had: most have the same again

  std::map<CountKey, std::uint64_t> counts_;
  std::uint64_t* last_count_ = nullptr;
  CountKey last_count_key_{};
  std::map<WallTime, IdRange> minute_ids_;
};

}  // namespace bulwark::events::embedded
