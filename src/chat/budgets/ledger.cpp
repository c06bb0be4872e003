// The map is the truth; the writer copies what changed since its last turn and writes it in one transaction.
#include "chat/budgets/ledger.h"

#include <algorithm>

#include "base/log.h"

namespace bulwark::chat::budgets {

namespace {

constexpr const char* kSchema[] = {
    "CREATE TABLE account (name TEXT PRIMARY KEY, ends INTEGER NOT NULL, tokens INTEGER NOT NULL, micros INTEGER NOT NULL) STRICT,"
    " WITHOUT ROWID",
};

bool exceeds(std::int64_t bound, std::int64_t spent, std::int64_t reserved, std::int64_t asked) {
  return bound > 0 && spent + reserved + asked > bound;
}

}  // namespace

Ledger::Ledger(std::optional<storage::Database> database, const Clock& clock) : clock_(clock), database_(std::move(database)) {}

Result<std::unique_ptr<Ledger>> Ledger::open(const std::optional<storage::OpenOptions>& file, const Clock& clock) {
  std::optional<storage::Database> database;
  if (file) {
    database = TRY(storage::Database::open(*file));
    TRY(database->migrate(kSchema));
  }
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(database), clock));
  TRY(ledger->load());
  if (file) ledger->writer_ = std::thread([made = ledger.get()] { made->run(); });
  return ledger;
}

Ledger::~Ledger() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (writer_.joinable()) writer_.join();
}

Result<void> Ledger::load() {
  if (!database_) return {};
  auto ended = TRY(database_->prepare("DELETE FROM account WHERE ends <= ?1"));
  TRY(ended.execute(clock_.wall()));
  auto rows = TRY(database_->prepare("SELECT name, ends, tokens, micros FROM account LIMIT ?1"));
  TRY(rows.query(static_cast<std::int64_t>(kMaxAccounts)));
  while (TRY(rows.step())) entries_[std::string(rows.text(0))] = {{rows.integer(2), rows.integer(3)}, {}, rows.integer(1), false};
  return {};
}

void Ledger::run() {
  std::unique_lock lock(mutex_);
  bool last = false;
  while (!last) {
    stop_.wait_for(lock, kWriteEvery, [this] { return stopping_; });
    last = stopping_;
    lock.unlock();
    if (const auto written = flush(); !written.ok()) log::error("the budgets could not be written: {}", to_string(written.error()));
    lock.lock();
  }
}

Result<void> Ledger::flush() {
  const std::lock_guard writing(database_mutex_);
  if (!database_) return {};
  std::vector<Account> changed;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, entry] : entries_)
      if (std::exchange(entry.dirty, false)) changed.push_back({name, entry.spent, entry.ends});
  }
  if (changed.empty()) return {};
  const auto write = [&]() -> Result<void> {
    auto transaction = TRY(storage::Transaction::begin(*database_));
    auto put = TRY(database_->prepare("INSERT OR REPLACE INTO account (name, ends, tokens, micros) VALUES (?1, ?2, ?3, ?4)"));
    for (const Account& each : changed) TRY(put.execute(each.name, each.ends, each.spent.tokens, each.spent.micros));
    auto ended = TRY(database_->prepare("DELETE FROM account WHERE ends <= ?1"));
    TRY(ended.execute(clock_.wall()));
    return transaction.commit();
  };
  auto written = write();
  if (written.ok()) return written;
  const std::lock_guard lock(mutex_);  // again at the next turn
  for (const Account& each : changed)
    if (const auto entry = entries_.find(each.name); entry != entries_.end()) entry->second.dirty = true;
  return written;
}

/// The account in its window of now; what was reserved in the window before stays reserved.
Ledger::Entry& Ledger::entry(const std::string& account, const Bound& bound) {
  if (entries_.size() >= kMaxAccounts && !entries_.contains(account)) make_room();
  Entry& entry = entries_[account];
  const WallTime now = clock_.wall();
  if (entry.ends <= now) {
    entry.spent = {};
    entry.ends = now - now % bound.window.count() + bound.window.count();
  }
  return entry;
}

/// Whose window has ended goes, then a tenth: those who spent least, so that whoever is at a bound stays remembered.
void Ledger::make_room() {
  const WallTime now = clock_.wall();
  const auto idle = [](const Entry& entry) { return entry.reserved.tokens == 0 && entry.reserved.micros == 0; };
  std::erase_if(entries_, [&](const auto& each) { return each.second.ends <= now && idle(each.second); });
  if (entries_.size() < kMaxAccounts) return;
  std::vector<std::int64_t> spent;
  for (const auto& [name, entry] : entries_) spent.push_back(entry.spent.tokens);
  const auto border = spent.begin() + static_cast<std::ptrdiff_t>(spent.size() / 10);
  std::nth_element(spent.begin(), border, spent.end());
  std::size_t left = spent.size() / 10 + 1;
  std::erase_if(entries_, [&](const auto& each) { return left > 0 && each.second.spent.tokens <= *border && left-- > 0; });
}

std::optional<Duration> Ledger::reserve(const std::string& account, const Bound& bound, const Amount& asked) {
  const std::lock_guard lock(mutex_);
  Entry& at = entry(account, bound);
  if (exceeds(bound.most.tokens, at.spent.tokens, at.reserved.tokens, asked.tokens) ||
      exceeds(bound.most.micros, at.spent.micros, at.reserved.micros, asked.micros))
    return Duration(at.ends - clock_.wall());
  at.reserved.tokens += asked.tokens;
  at.reserved.micros += asked.micros;
  return std::nullopt;
}

void Ledger::settle(const std::string& account, const Bound& bound, const Amount& asked, const Amount& spent) {
  const std::lock_guard lock(mutex_);
  Entry& at = entry(account, bound);
  at.reserved.tokens = std::max<std::int64_t>(0, at.reserved.tokens - asked.tokens);  // forgotten in between: nothing is reserved
  at.reserved.micros = std::max<std::int64_t>(0, at.reserved.micros - asked.micros);
  at.spent.tokens += spent.tokens;
  at.spent.micros += spent.micros;
  at.dirty = true;
}

std::vector<Ledger::Account> Ledger::top(std::string_view prefix, std::size_t limit) const {
  std::vector<Account> all;
  {
    const std::lock_guard lock(mutex_);
    const WallTime now = clock_.wall();
    for (const auto& [name, entry] : entries_)
      if (entry.ends > now && name.starts_with(prefix)) all.push_back({name, entry.spent, entry.ends});
  }
  const auto more = [](const Account& a, const Account& b) {
    return std::pair(a.spent.tokens, a.spent.micros) > std::pair(b.spent.tokens, b.spent.micros);
  };
  const std::size_t kept = std::min(limit, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), more);
  all.resize(kept);
  return all;
}

std::size_t Ledger::accounts() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace bulwark::chat::budgets
