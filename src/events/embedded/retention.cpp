// Erasing old events, a piece at a time.
#include <cstring>
#include <vector>

#include "events/embedded/schema.h"
#include "events/embedded/statements.h"
#include "events/embedded/writer.h"

namespace bulwark::events::embedded {

using storage::Transaction;

/// Whole batches, with the keys that lead to them; returns how many events they held.
Result<std::int64_t> Writer::erase_batches(std::int64_t last_id, WallTime limit, std::size_t events) {
  std::vector<std::int64_t> old;
  std::int64_t erased = 0;
  auto find = TRY(database_.prepare("SELECT first_id, count FROM batches WHERE first_id <= ? AND max_time < ? LIMIT ?"));
  TRY(find.query(last_id, limit, static_cast<std::uint64_t>(events / 64 + 1)));
  while (TRY(find.step())) {
    old.push_back(find.integer(0));
    erased += find.integer(1);
  }
  find.reset();
  auto keys_of = TRY(database_.prepare("SELECT keys FROM batch_filters WHERE first_id = ?"));
  auto erase_key = TRY(database_.prepare("DELETE FROM batch_keys WHERE key = ? AND batch = ?"));
  auto erase_filter = TRY(database_.prepare("DELETE FROM batch_filters WHERE first_id = ?"));
  auto erase_batch = TRY(database_.prepare("DELETE FROM batches WHERE first_id = ?"));
  for (const std::int64_t first : old) {
    TRY(keys_of.query(first));
    if (TRY(keys_of.step())) {
      const auto keys = keys_of.blob(0);
      for (std::size_t at = 0; at + sizeof(std::int64_t) <= keys.size(); at += sizeof(std::int64_t)) {
        std::int64_t key = 0;
        std::memcpy(&key, keys.data() + at, sizeof key);
        TRY(erase_key.execute(key, first));
      }
    }
    keys_of.reset();
    TRY(erase_filter.execute(first));
    TRY(erase_batch.execute(first));
    if (!batch_.empty() && first == static_cast<std::int64_t>(batch_.first_id())) forget_open_batch();
  }
  return erased;
}

Result<std::uint64_t> Writer::erase_some(WallTime minute_limit, std::size_t rows) {
  const std::int64_t limit_minute = minute_of(minute_limit);
  auto last = TRY(database_.prepare("SELECT max(last_id) FROM minute_ids WHERE minute < ?"));
  TRY(last.query(limit_minute));
  if (!TRY(last.step()) || last.is_null(0)) return std::uint64_t{0};
  const std::int64_t last_id = last.integer(0);
  last.reset();

  auto transaction = TRY(Transaction::begin(database_));
  auto erase_rows = TRY(database_.prepare("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id <= ? AND time < ? LIMIT ?)"));
  TRY(erase_rows.execute(last_id, minute_limit, static_cast<std::uint64_t>(rows)));
  std::int64_t erased = database_.changed_rows();
  if (erased == 0) erased = TRY(erase_batches(last_id, minute_limit, rows));  // rows first
  if (erased == 0) {
    auto counts = TRY(database_.prepare("DELETE FROM minute_counts WHERE minute < ?"));
    TRY(counts.execute(limit_minute));
    auto ids = TRY(database_.prepare("DELETE FROM minute_ids WHERE minute < ?"));
    TRY(ids.execute(limit_minute));
  }
  TRY(statements_->totals.execute(-erased, next_id_));
  TRY(transaction.commit());
  return static_cast<std::uint64_t>(erased);
}

Result<std::optional<WallTime>> Writer::oldest_minute() {
  auto oldest = TRY(database_.prepare("SELECT min(minute) FROM minute_ids"));
  if (!TRY(oldest.step()) || oldest.is_null(0)) return std::optional<WallTime>();
  return std::optional<WallTime>(oldest.integer(0) * kMinute);
}

Result<std::uint64_t> Writer::bytes_used() {
  const std::int64_t pages = TRY(database_.integer("PRAGMA page_count")) - TRY(database_.integer("PRAGMA freelist_count"));
  return static_cast<std::uint64_t>(pages * TRY(database_.integer("PRAGMA page_size")));
}

}  // namespace bulwark::events::embedded
