// The tables of the embedded store, by schema version. Documented in docs/formats/events.md.
#pragma once

#include <cstdint>

namespace bulwark::events::embedded {

inline constexpr const char* kMigrations[] = {
    R"sql(
CREATE TABLE events(
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  source INTEGER NOT NULL,
  trace INTEGER,
  rule INTEGER,
  payload BLOB NOT NULL);
CREATE INDEX events_source ON events(source);
CREATE INDEX events_trace ON events(trace) WHERE trace IS NOT NULL;
CREATE INDEX events_rule ON events(rule) WHERE rule IS NOT NULL;

CREATE TABLE batches(
  first_id INTEGER PRIMARY KEY,
  last_id INTEGER NOT NULL,
  count INTEGER NOT NULL,
  min_time INTEGER NOT NULL,
  max_time INTEGER NOT NULL,
  data BLOB NOT NULL);
CREATE TABLE batch_filters(first_id INTEGER PRIMARY KEY, filter BLOB NOT NULL, keys BLOB NOT NULL);
CREATE TABLE batch_keys(key INTEGER NOT NULL, batch INTEGER NOT NULL, PRIMARY KEY(key, batch)) WITHOUT ROWID;

CREATE TABLE minute_counts(
  minute INTEGER NOT NULL, plane INTEGER NOT NULL, disposition INTEGER NOT NULL, rule TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(minute, plane, disposition, rule)) WITHOUT ROWID;
CREATE TABLE minute_ids(minute INTEGER PRIMARY KEY, first_id INTEGER NOT NULL, last_id INTEGER NOT NULL);

CREATE TABLE positions(spool TEXT PRIMARY KEY, offset INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE dictionaries(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE totals(only INTEGER PRIMARY KEY CHECK(only = 1), events INTEGER NOT NULL, next_id INTEGER NOT NULL);
INSERT INTO totals VALUES(1, 0, 1);
)sql",
};

inline constexpr std::int64_t kMinute = 60LL * 1'000'000'000;

/// Rounds down, also before 1970.
inline std::int64_t minute_of(std::int64_t time) { return time >= 0 ? time / kMinute : -((-time + kMinute - 1) / kMinute); }

}  // namespace bulwark::events::embedded
