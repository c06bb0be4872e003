// The writing side: one change at a time makes the next snapshot, puts it in force, then tells the journal.
#include "control/table.h"

#include <algorithm>

#include "base/log.h"
#include "control/key.h"
#include "control/part.h"

namespace bulwark::control {
namespace {

Result<void> validate(const Entry& entry, WallTime now) {
  for (const std::string* text : {&entry.value, &entry.reason, &entry.created_by, &entry.incident})
    if (text->size() > Table::kMaxText) return client_error(Code::too_large, "a control entry's text is too long");
  if (entry.expires <= now) return client_error(Code::invalid, "a control entry must expire in the future");
  if (entry.expires - now > Table::kMaxLifetime) return client_error(Code::too_large, "a control entry may last a year at most");
  return {};
}

}  // namespace

Table::Table(std::unique_ptr<Journal> journal, const Clock& clock)
    : clock_(clock), journal_(std::move(journal)), snapshot_(new Snapshot()) {}

Table::~Table() = default;

Result<std::unique_ptr<Table>> Table::create(std::unique_ptr<Journal> journal, const Clock& clock) {
  std::unique_ptr<Table> table(new Table(std::move(journal), clock));
  if (table->journal_ == nullptr) return table;
  std::shared_ptr<Snapshot> next(new Snapshot());
  for (Entry& entry : TRY(table->journal_->load())) {
    if (entry.expires <= clock.wall()) {
      TRY(table->journal_->remove(entry.id));
      continue;
    }
    if (next->size() >= kMaxEntries) return internal_error(Code::too_large, "the control journal holds too many entries");
    const std::string key = TRY(entry_key(entry.subject, entry.value));
    next->insert(key, std::move(entry));
  }
  table->publish(std::move(next));
  return table;
}

Result<Entry> Table::add(Entry entry) {
  const std::lock_guard lock(writing_);
  const WallTime now = clock_.wall();
  TRY(validate(entry, now));
  const std::string key = TRY(entry_key(entry.subject, entry.value));
  entry.value = TRY(canonical_value(entry.subject, entry.value));
  if (entry.created == 0) entry.created = now;
  if (entry.id.empty()) entry.id = EntryId::random();

  std::shared_ptr<Snapshot> next(new Snapshot(*snapshot_));
  remove_expired(*next, now);
  if (const Entry* known = next->same(key, entry.kind); known != nullptr) {
    entry.id = known->id;
    entry.created = known->created;
    entry.expires = std::max(entry.expires, known->expires);
  } else if (next->size() >= kMaxEntries) {
    return internal_error(Code::exhausted, "the control table is full");
  }
  next->insert(key, entry);
  publish(std::move(next));
  if (journal_ != nullptr)
    if (auto saved = journal_->save(entry); !saved)
      log::error("control entry {} is in force but not saved: {}", entry.id.hex(), saved.error().message);
  return entry;
}

Result<Entry> Table::undo(const EntryId& id) {
  const std::lock_guard lock(writing_);
  for (std::size_t part = 0; part < Snapshot::kParts; ++part) {
    if (snapshot_->parts_[part] == nullptr) continue;
    for (const auto& [key, found] : snapshot_->parts_[part]->by_key) {
      if (found.id != id) continue;
      Entry entry = found;
      std::shared_ptr<Snapshot> next(new Snapshot(*snapshot_));
      next->erase(part, id);
      publish(std::move(next));
      if (journal_ != nullptr) TRY(journal_->remove(id));
      return entry;
    }
  }
  return client_error(Code::not_found, "no control entry has this id");
}

void Table::drop_expired() {
  const std::lock_guard lock(writing_);
  std::shared_ptr<Snapshot> next(new Snapshot(*snapshot_));
  const std::size_t before = next->size();
  remove_expired(*next, clock_.wall());
  if (next->size() != before) publish(std::move(next));
}

void Table::remove_expired(Snapshot& next, WallTime now) {
  for (auto& part : next.parts_) {
    if (part == nullptr || part->earliest > now) continue;
    auto kept = std::make_shared<Snapshot::Part>();
    for (const auto& [key, entry] : part->by_key) {
      if (entry.expires > now) {
        kept->earliest = std::min(kept->earliest, entry.expires);
        kept->by_key.emplace(key, entry);
        continue;
      }
      next.count(key, -1);
      if (journal_ == nullptr) continue;
      if (auto removed = journal_->remove(entry.id); !removed)
        log::warn("an expired control entry stays in the journal until a restart: {}", removed.error().message);
    }
    part = std::move(kept);
  }
}

void Table::publish(std::shared_ptr<const Snapshot> next) {
  {
    const std::lock_guard lock(reading_);
    snapshot_.swap(next);
    empty_.store(snapshot_->empty(), std::memory_order_release);
  }
  version_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const Snapshot> Table::snapshot() const {
  const std::lock_guard lock(reading_);
  return snapshot_;
}

const Snapshot& Table::View::current() {
  if (const std::uint64_t version = table_->version(); version != seen_) {
    seen_ = version;
    snapshot_ = table_->snapshot();
  }
  return *snapshot_;
}

}  // namespace bulwark::control
