// Who has spent how much of which budget in its window. Kept in memory, bounded, and written to an encrypted file once a second,
// so that a restart forgives nobody; kill -9 forgives at most the last second.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include <condition_variable>

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace bulwark::chat::budgets {

/// Tokens, and cost in millionths of the currency.
struct Amount {
  std::int64_t tokens = 0;
  std::int64_t micros = 0;
};

/// One budget's window and bounds; 0: not bounded.
struct Bound {
  Duration window{};
  Amount most;
};

class Ledger {
 public:
  static constexpr std::size_t kMaxAccounts = 100'000;  ///< some 20 MiB; past it those who spent least are forgotten
  static constexpr std::chrono::seconds kWriteEvery{1};

  /// Without a file nothing outlives the process. Errors: of storage.
  static Result<std::unique_ptr<Ledger>> open(const std::optional<storage::OpenOptions>& file, const Clock& clock = system_clock());
  ~Ledger();  ///< writes what is not written yet

  /// Sets `asked` aside unless that exceeds the bound; then, how long until the window ends. Thread-safe, as all below.
  std::optional<Duration> reserve(const std::string& account, const Bound& bound, const Amount& asked);
  /// What was set aside becomes what was spent; it counts in the window of now.
  void settle(const std::string& account, const Bound& bound, const Amount& asked, const Amount& spent);

  struct Account {
    std::string name;
    Amount spent;
    WallTime ends = 0;
  };
  /// In windows that have not ended: of accounts whose name begins with `prefix`, those that spent most, at most `limit`.
  std::vector<Account> top(std::string_view prefix, std::size_t limit) const;
  std::size_t accounts() const;
  Result<void> flush();

 private:
  struct Entry {
    Amount spent;
    Amount reserved;
    WallTime ends = 0;
    bool dirty = false;
  };
  Ledger(std::optional<storage::Database> database, const Clock& clock);
  Result<void> load();
  void run();
  Entry& entry(const std::string& account, const Bound& bound);
  void make_room();

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::mutex database_mutex_;
  std::optional<storage::Database> database_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace bulwark::chat::budgets
