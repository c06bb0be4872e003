// Writing events.
#include "events/embedded/writer.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "events/embedded/schema.h"
#include "events/embedded/statements.h"

namespace bulwark::events::embedded {

using storage::Statement;
using storage::Transaction;

Writer::~Writer() = default;

bool ordinary(const Event& event) {
  if (event.disposition != Disposition::allowed || event.severity > Severity::informational || !event.rule.empty()) return false;
  for (std::size_t text = 0; text < kTexts; ++text)
    if ((event.*text_field(text)).size() > Event::kMaxText) return false;
  return event.event_class == Class::http_activity || event.event_class == Class::network_activity ||
         event.event_class == Class::datastore_activity || event.event_class == Class::api_activity;
}

std::int64_t pack_kind(const Event& event) {
  return static_cast<std::int64_t>(event.event_class) << 24 | static_cast<std::int64_t>(event.severity) << 16 |
         static_cast<std::int64_t>(event.disposition) << 8 | static_cast<std::int64_t>(event.plane);
}

void unpack_kind(std::int64_t kind, Event& event) {
  event.event_class = static_cast<Class>(kind >> 24 & 0xffff);
  event.severity = static_cast<Severity>(kind >> 16 & 0xff);
  event.disposition = static_cast<Disposition>(kind >> 8 & 0xff);
  event.plane = static_cast<Plane>(kind & 0xff);
}

Writer::Writer(storage::Database database, Dictionaries& dictionaries) : database_(std::move(database)), dictionaries_(dictionaries) {}

Result<std::unique_ptr<Writer>> Writer::open(const storage::OpenOptions& options, Dictionaries& dictionaries) {
  auto database = TRY(storage::Database::open(options));
  // A large WAL before it is folded back: pages of the indexes change again and again, and are then written once.
  TRY(database.run("PRAGMA wal_autocheckpoint=8192"));
  TRY(database.migrate(kMigrations));
  std::unique_ptr<Writer> writer(new Writer(std::move(database), dictionaries));
  TRY(writer->prepare());
  return writer;
}

Result<void> Writer::prepare() {
  const auto make = [this](const char* sql) { return database_.prepare(sql); };
  statements_ = std::make_unique<Statements>(Statements{
      TRY(make("INSERT INTO events(id, time, kind, source, trace, rule, payload) VALUES(?,?,?,?,?,?,?)")),
      TRY(make("INSERT OR REPLACE INTO batches(first_id, last_id, count, min_time, max_time, data) VALUES(?,?,?,?,?,?)")),
      TRY(make("INSERT OR REPLACE INTO batch_filters(first_id, filter, keys) VALUES(?,?,?)")),
      TRY(make("INSERT OR IGNORE INTO batch_keys(key, batch) VALUES(?,?)")),
      TRY(make("INSERT INTO minute_counts(minute, plane, disposition, rule, count) VALUES(?,?,?,?,?) "
               "ON CONFLICT DO UPDATE SET count = count + excluded.count")),
      TRY(make("INSERT INTO minute_ids(minute, first_id, last_id) VALUES(?,?,?) ON CONFLICT DO UPDATE SET "
               "first_id = min(first_id, excluded.first_id), last_id = max(last_id, excluded.last_id)")),
      TRY(make("INSERT OR REPLACE INTO positions(spool, offset) VALUES(?,?)")),
      TRY(make("DELETE FROM positions WHERE spool = ?")),
      TRY(make("UPDATE totals SET events = events + ?, next_id = ?")),
  });
  next_id_ = static_cast<EventId>(TRY(database_.integer("SELECT next_id FROM totals")));
  auto known = TRY(make("SELECT bytes FROM dictionaries ORDER BY id"));
  while (TRY(known.step())) {
    dictionaries_.add(known.blob(0));
    packer_.use(known.blob(0));
    ++dictionary_count_;
  }
  trainer_ = DictionaryTrainer(dictionary_count_);
  return {};
}

Result<void> Writer::append(std::span<const Event> events, std::span<const SpoolPosition> positions) {
  const EventId before = next_id_;
  counts_.clear();
  minute_ids_.clear();
  last_count_ = nullptr;
  const auto write = [&]() -> Result<void> {
    auto transaction = TRY(Transaction::begin(database_));
    for (const Event& event : events) TRY(ordinary(event) ? add_to_batch(event) : add_row(event));
    TRY(write_batch());
    TRY(write_minutes());
    TRY(write_positions(positions));
    TRY(train_if_due());
    TRY(statements_->totals.execute(static_cast<std::uint64_t>(events.size()), next_id_));
    return transaction.commit();
  };
  auto written = write();
  if (!written) {  // nothing of it is on disk: forget what memory believes
    next_id_ = before;
    forget_open_batch();
  }
  return written;
}

Result<void> Writer::add_row(const Event& event) {
  const EventId id = next_id_++;
  encoded_.resize(encoded_size(event));
  encode(event, encoded_.data());
  trainer_.see(encoded_);
  Statement& row = statements_->row;
  TRY(row.query(id, event.time, pack_kind(event), key_of(event.source)));
  TRY(event.trace.empty() ? row.bind(5, nullptr) : row.bind(5, key_of(event.trace)));
  TRY(event.rule.empty() ? row.bind(6, nullptr) : row.bind(6, key_of(KeyKind::rule, event.rule)));
  TRY(row.bind(7, packer_.pack(encoded_)));
  TRY(row.step());
  row.reset();
  note_minute(event, id);
  return {};
}

Result<void> Writer::add_to_batch(const Event& event) {
  if (batch_.full() || (!batch_.empty() && std::abs(event.time - batch_.min_time()) > kMinute)) {
    TRY(write_batch());
    forget_open_batch();
  }
  const EventId id = next_id_++;
  batch_.add(id, event);
  batch_changed_ = true;
  filter_.add(event.trace);
  TRY(add_keys(event));
  note_minute(event, id);
  return {};
}

Result<void> Writer::add_keys(const Event& event) {
  const std::int64_t keys[3] = {key_of(event.source), event.user.empty() ? 0 : key_of(KeyKind::user, event.user),
                                event.tenant.empty() ? 0 : key_of(KeyKind::tenant, event.tenant)};
  for (std::size_t i = 0; i < 3; ++i) {
    if (keys[i] == last_keys_[i] || keys[i] == 0) continue;
    last_keys_[i] = keys[i];
    if (!batch_keys_.insert(keys[i]).second) continue;
    batch_key_list_.push_back(keys[i]);
    TRY(statements_->key.execute(keys[i], batch_.first_id()));
  }
  return {};
}

Result<void> Writer::write_batch() {
  if (!batch_changed_) return {};
  TRY(statements_->batch.execute(batch_.first_id(), batch_.last_id(), static_cast<std::uint64_t>(batch_.count()), batch_.min_time(),
                                 batch_.max_time(), packer_.pack_without_dictionary(batch_.plain())));
  TRY(statements_->filter.execute(
      batch_.first_id(), filter_.bytes(),
      ByteView(reinterpret_cast<const std::uint8_t*>(batch_key_list_.data()), batch_key_list_.size() * sizeof(std::int64_t))));
  batch_changed_ = false;
  return {};
}

void Writer::forget_open_batch() {
  batch_.clear();
  batch_changed_ = false;
  filter_.clear();
  batch_keys_.clear();
  batch_key_list_.clear();
  std::fill(std::begin(last_keys_), std::end(last_keys_), 0);
}

void Writer::note_minute(const Event& event, EventId id) {
  const WallTime minute = minute_of(event.time);
  if (last_count_ == nullptr || last_count_key_.minute != minute || last_count_key_.plane != event.plane ||
      last_count_key_.disposition != event.disposition || last_count_key_.rule != event.rule) {
    last_count_key_ = {minute, event.plane, event.disposition, std::string(event.rule)};
    last_count_ = &counts_[last_count_key_];
  }
  ++*last_count_;
  const auto [range, fresh] = minute_ids_.try_emplace(minute, IdRange{id, id});
  if (!fresh) range->second.last = id;
}

Result<void> Writer::write_minutes() {
  for (const auto& [key, count] : counts_)
    TRY(statements_->count.execute(key.minute, static_cast<int>(key.plane), static_cast<int>(key.disposition), key.rule, count));
  for (const auto& [minute, range] : minute_ids_) TRY(statements_->ids.execute(minute, range.first, range.last));
  return {};
}

Result<void> Writer::write_positions(std::span<const SpoolPosition> positions) {
  for (const auto& each : positions) {
    if (each.offset == SpoolPosition::kForget)
      TRY(statements_->forget.execute(each.spool));
    else
      TRY(statements_->position.execute(each.spool, each.offset));
  }
  return {};
}

Result<void> Writer::train_if_due() {
  if (!trainer_.due()) return {};
  const Bytes dictionary = trainer_.train(dictionary_count_ + 1);
  if (dictionary.empty()) return {};
  auto save = TRY(database_.prepare("INSERT INTO dictionaries(id, bytes) VALUES(?,?)"));
  TRY(save.execute(static_cast<std::uint64_t>(dictionary_count_ + 1), ByteView(dictionary)));
  // Taken into use although the transaction could still fail: then its id is used again, and no row on disk names it.
  ++dictionary_count_;
  dictionaries_.add(dictionary);
  packer_.use(dictionary);
  return {};
}

Result<std::vector<SpoolPosition>> Writer::positions() {
  auto all = TRY(database_.prepare("SELECT spool, offset FROM positions"));
  std::vector<SpoolPosition> found;
  while (TRY(all.step())) found.push_back({std::string(all.text(0)), static_cast<std::uint64_t>(all.integer(1))});
  return found;
}

}  // namespace bulwark::events::embedded
