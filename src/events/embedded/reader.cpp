// Searching rows and batches.
#include "events/embedded/reader.h"

#include <algorithm>
#include <limits>

#include "events/embedded/schema.h"
#include "events/embedded/writer.h"

namespace bulwark::events::embedded {
namespace {

StoredEvent own(EventId id, const Event& event) {
  StoredEvent stored;
  const std::size_t size = encoded_size(event);
  stored.text = std::make_unique<char[]>(size);
  auto* bytes = reinterpret_cast<std::uint8_t*>(stored.text.get());
  encode(event, bytes);
  stored.id = id;
  stored.event = decode({bytes, size}).value_or(Event{});
  return stored;
}

std::int64_t bounded(EventId id) { return static_cast<std::int64_t>(std::min<EventId>(id, std::numeric_limits<std::int64_t>::max())); }

}  // namespace

/// Rows of their own, newest first, by the narrowest index that the query allows.
class Reader::Rows {
 public:
  Rows(Reader& reader, const Query& query, const Matcher& matcher) : reader_(reader), query_(query), matcher_(matcher) {}

  Result<void> open(EventId low, EventId high) {
    std::string sql = "SELECT id, time, kind, payload FROM events WHERE id >= ?1 AND id < ?2";
    std::optional<std::int64_t> key;
    if (query_.trace) {
      sql += " AND trace = ?3";
      key = key_of(*query_.trace);
    } else if (query_.source) {
      sql += " AND source = ?3";
      key = key_of(*query_.source);
    } else if (!query_.rule.empty()) {
      sql += " AND rule = ?3";
      key = key_of(KeyKind::rule, query_.rule);
    }
    sql += " ORDER BY id DESC";
    statement_.emplace(TRY(reader_.database_.prepare(sql)));
    TRY(statement_->query(bounded(low), bounded(high)));
    if (key) TRY(statement_->bind(3, *key));
    return advance();
  }

  EventId id() const { return id_; }  ///< of the next row; 0: none is left

  Result<std::optional<StoredEvent>> take() {
    Event event;
    event.time = statement_->integer(1);
    unpack_kind(statement_->integer(2), event);
    std::optional<StoredEvent> found;
    if (matcher_.kind_fits(event)) {
      StoredEvent stored = TRY(unpack(statement_->blob(3)));
      if (matcher_.fits(stored.event)) found = std::move(stored);
    }
    TRY(advance());
    return found;
  }

 private:
  Result<void> advance() {
    id_ = TRY(statement_->step()) ? static_cast<EventId>(statement_->integer(0)) : 0;
    return {};
  }

  Result<StoredEvent> unpack(ByteView packed) {
    const std::size_t size = TRY(reader_.unpacker_.size(packed, kMaxEncoded));
    StoredEvent stored;
    stored.id = id_;
    stored.text = std::make_unique<char[]>(size);
    const std::span plain(reinterpret_cast<std::uint8_t*>(stored.text.get()), size);
    TRY(reader_.unpacker_.unpack(packed, plain));
    stored.event = TRY(decode(plain));
    return stored;
  }

  Reader& reader_;
  const Query& query_;
  const Matcher& matcher_;
  std::optional<storage::Statement> statement_;
  EventId id_ = 0;
};

/// Batched events, newest first; a batch is decompressed when the merge comes to it.
class Reader::Batches {
 public:
  Batches(Reader& reader, const Query& query, const Matcher& matcher) : reader_(reader), query_(query), matcher_(matcher) {}

  Result<void> open(EventId low, EventId high) {
    if (!matcher_.wants_ordinary()) return {};
    low_ = low;
    high_ = high;
    std::string sql = "SELECT first_id, last_id, data FROM batches WHERE first_id < ?2 AND last_id >= ?1";
    std::int64_t key = 0;
    if (query_.source)
      key = key_of(*query_.source);
    else if (!query_.user.empty())
      key = key_of(KeyKind::user, query_.user);
    else if (!query_.tenant.empty())
      key = key_of(KeyKind::tenant, query_.tenant);
    if (key != 0)
      sql =
          "SELECT first_id, last_id, data FROM batch_keys JOIN batches ON first_id = batch "
          "WHERE key = ?3 AND batch < ?2 AND last_id >= ?1";
    sql += key != 0 ? " ORDER BY batch DESC" : " ORDER BY first_id DESC";
    statement_.emplace(TRY(reader_.database_.prepare(sql)));
    TRY(statement_->query(bounded(low), bounded(high)));
    if (key != 0) TRY(statement_->bind(3, key));
    if (query_.trace) TRY(find_candidates());
    return advance();
  }

  EventId id() const { return id_; }  ///< of the next event, or of the next batch's last one; 0: none is left

  /// Nothing: the event does not match, or a batch had to be opened first.
  Result<std::optional<StoredEvent>> take() {
    if (events_.empty()) {
      TRY(read());
      if (events_.empty())
        TRY(advance());
      else
        id_ = events_.back().id;
      return std::optional<StoredEvent>();
    }
    std::optional<StoredEvent> found;
    if (matcher_.fits(events_.back().event)) found = own(events_.back().id, events_.back().event);
    events_.pop_back();
    if (events_.empty())
      TRY(advance());
    else
      id_ = events_.back().id;
    return found;
  }

 private:
  /// For a trace id: the batches whose filter may have it, newest last.
  Result<void> find_candidates() {
    auto filters = TRY(reader_.database_.prepare("SELECT first_id, filter FROM batch_filters WHERE first_id < ? ORDER BY first_id"));
    TRY(filters.query(bounded(high_)));
    while (TRY(filters.step()))
      if (TraceFilter::may_have(filters.blob(1), *query_.trace)) candidates_.push_back(static_cast<EventId>(filters.integer(0)));
    by_filter_ = true;
    statement_.emplace(TRY(reader_.database_.prepare("SELECT first_id, last_id, data FROM batches WHERE first_id = ? AND last_id >= ?")));
    return {};
  }

  Result<void> advance() {
    id_ = 0;
    if (by_filter_) {
      while (!candidates_.empty() && id_ == 0) {
        TRY(statement_->query(bounded(candidates_.back()), bounded(low_)));
        candidates_.pop_back();
        if (TRY(statement_->step())) id_ = std::min(static_cast<EventId>(statement_->integer(1)), high_ - 1);
      }
      return {};
    }
    if (TRY(statement_->step())) id_ = std::min(static_cast<EventId>(statement_->integer(1)), high_ - 1);
    return {};
  }

  Result<void> read() {
    const ByteView packed = statement_->blob(2);
    plain_.resize(TRY(reader_.unpacker_.size(packed, kMaxPlainBatch)));
    TRY(reader_.unpacker_.unpack(packed, plain_));
    events_ = TRY(read_batch(plain_, {query_.source, query_.trace}));
    std::erase_if(events_, [this](const BatchEvent& each) { return each.id < low_ || each.id >= high_; });
    return {};
  }

  Reader& reader_;
  const Query& query_;
  const Matcher& matcher_;
  std::optional<storage::Statement> statement_;
  EventId low_ = 0;
  EventId high_ = 0;
  EventId id_ = 0;
  bool by_filter_ = false;
  std::vector<EventId> candidates_;
  Bytes plain_;
  std::vector<BatchEvent> events_;  ///< of the batch at hand, in rising order of id
};

Reader::Reader(storage::Database database, const Dictionaries& dictionaries) : database_(std::move(database)), unpacker_(dictionaries) {}

Result<std::unique_ptr<Reader>> Reader::open(const storage::OpenOptions& options, const Dictionaries& dictionaries) {
  storage::OpenOptions read_only = options;
  read_only.read_only = true;
  return std::unique_ptr<Reader>(new Reader(TRY(storage::Database::open(read_only)), dictionaries));
}

Result<bool> Reader::narrow_to_times(const Query& query, EventId& low, EventId& high) {
  low = 1;
  high = query.before;
  if (query.from <= 0 && query.to == INT64_MAX) return true;
  auto ids = TRY(database_.prepare("SELECT min(first_id), max(last_id) FROM minute_ids WHERE minute BETWEEN ? AND ?"));
  TRY(ids.query(minute_of(query.from), minute_of(query.to)));
  if (!TRY(ids.step()) || ids.is_null(0)) return false;
  low = static_cast<EventId>(ids.integer(0));
  high = std::min(high, static_cast<EventId>(ids.integer(1)) + 1);
  return low < high;
}

Result<Page> Reader::search(const Query& query) {
  Page page;
  const Matcher matcher(query);
  const std::size_t limit = std::min(query.limit, Query::kMaxLimit);
  EventId low = 0;
  EventId high = 0;
  // One read transaction: rows, batches and filters of the same moment.
  TRY(database_.run("BEGIN"));
  const auto look = [&]() -> Result<void> {
    if (!TRY(narrow_to_times(query, low, high))) return {};
    Rows rows(*this, query, matcher);
    Batches batches(*this, query, matcher);
    TRY(rows.open(low, high));
    TRY(batches.open(low, high));
    for (std::size_t scanned = 0; page.events.size() < limit && (rows.id() != 0 || batches.id() != 0); ++scanned) {
      const bool from_rows = rows.id() > batches.id();
      if (scanned == Query::kMaxScanned) {
        page.complete = false;
        page.next = (from_rows ? rows.id() : batches.id()) + 1;
        return {};
      }
      if (auto found = TRY(from_rows ? rows.take() : batches.take())) page.events.push_back(std::move(*found));
    }
    return {};
  };
  auto looked = look();
  (void)database_.run("COMMIT");
  if (!looked) return std::move(looked).error();
  return page;
}

Result<std::vector<MinuteCount>> Reader::minutes(WallTime from, WallTime to, std::string_view rule) {
  const char* sql = rule.empty()
                        ? "SELECT minute, plane, disposition, rule, count FROM minute_counts WHERE minute BETWEEN ? AND ?"
                        : "SELECT minute, plane, disposition, rule, count FROM minute_counts WHERE minute BETWEEN ? AND ? AND rule = ?";
  auto rows = TRY(database_.prepare(sql));
  TRY(rows.query(minute_of(from), minute_of(to)));
  if (!rule.empty()) TRY(rows.bind(3, rule));
  std::vector<MinuteCount> counts;
  while (TRY(rows.step()))
    counts.push_back({rows.integer(0) * kMinute, static_cast<Plane>(rows.integer(1)), static_cast<Disposition>(rows.integer(2)),
                      std::string(rows.text(3)), static_cast<std::uint64_t>(rows.integer(4))});
  return counts;
}

Result<std::uint64_t> Reader::count() { return static_cast<std::uint64_t>(TRY(database_.integer("SELECT events FROM totals"))); }

}  // namespace bulwark::events::embedded
