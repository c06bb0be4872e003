// Where events are kept and asked for: typed columns to search by, detail compressed, minute rollups for charts.
// Drivers: embedded (encrypted SQLite); ClickHouse later. Thread-safe: one writer, any number of readers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "events/event.h"

namespace bulwark::events {

using EventId = std::uint64_t;  ///< grows with arrival

/// An event as read back; owns its text.
struct StoredEvent {
  EventId id = 0;
  Event event;  ///< views into `text`
  std::unique_ptr<char[]> text;
};

struct Query {
  WallTime from = 0;
  WallTime to = INT64_MAX;
  std::optional<IpAddress> source;
  std::optional<TraceId> trace;
  std::optional<Plane> plane;
  std::optional<Class> event_class;
  std::optional<Disposition> disposition;
  std::optional<Severity> min_severity;
  std::string user;
  std::string tenant;
  std::string rule;             ///< exact
  std::string text;             ///< substring of message, target or detail, case-insensitive
  EventId before = UINT64_MAX;  ///< for paging, newest first
  std::size_t limit = 100;      ///< at most kMaxLimit

  static constexpr std::size_t kMaxLimit = 1000;
  static constexpr std::size_t kMaxScanned = 300'000;
};

/// One cell of the rollup: how many events of a rule (or plane and disposition) in a minute.
struct MinuteCount {
  WallTime minute = 0;
  Plane plane = Plane::edge;
  Disposition disposition = Disposition::unknown;
  std::string rule;
  std::uint64_t count = 0;
};

/// Where a spool was read to; saved in the same transaction as the events, so that none is stored twice or lost.
struct SpoolPosition {
  static constexpr std::uint64_t kForget = UINT64_MAX;  ///< as offset: the spool's file is gone, forget it

  std::string spool;
  std::uint64_t offset = 0;
};

/// The answer to a query: newest first.
struct Page {
  std::vector<StoredEvent> events;
  bool complete = true;  ///< false: the search stopped at its limit of work; go on with `before = next`
  EventId next = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual Result<void> append(std::span<const Event> batch, std::span<const SpoolPosition> positions) = 0;
  virtual Result<std::vector<SpoolPosition>> positions() = 0;
  /// Looks at no more than Query::kMaxScanned events at a time, so that one search cannot hold everything up.
  virtual Result<Page> search(const Query& query) = 0;
  Result<std::vector<StoredEvent>> query(const Query& what) { return TRY(search(what)).events; }
  virtual Result<std::vector<MinuteCount>> minutes(WallTime from, WallTime to, std::string_view rule) = 0;
  virtual Result<std::uint64_t> count() = 0;
  virtual Result<std::uint64_t> erase_before(WallTime time) = 0;  ///< retention; in short transactions
  /// About once a second from the thread that appends: a bounded piece of retention and upkeep.
  virtual Result<void> maintain(WallTime now) = 0;
};

}  // namespace bulwark::events
