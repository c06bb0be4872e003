// The writer of an append-only audit log: records are chained by their hashes, committed in groups, and covered by a signed Merkle
// root each second. One thread of its own does the hashing, writing and signing; callers wait for nothing but a mutex.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/segment_writer.h"
#include "base/clock.h"

namespace bulwark::audit {

struct LogSettings {
  std::string directory;
  std::string origin = "bulwark/audit";                ///< the log's name in its checkpoints
  std::string witness_file;                            ///< not empty: each checkpoint is put there too
  std::uint64_t max_bytes = std::uint64_t{256} << 30;  ///< past it the oldest full segments go, on record
  std::chrono::milliseconds sign_every{1'000};
  std::chrono::milliseconds gather{20};  ///< what nobody waits for is committed after so long
};

/// What open() found of an earlier process.
struct Recovery {
  std::uint64_t records = 0;
  std::uint64_t cut_bytes = 0;  ///< behind the last whole record; kept in `cut_file`
  std::string cut_file;
};

/// The how-manieth append of this process it was: it is durable when durable() has come so far.
using Ticket = std::uint64_t;

class Log {
 public:
  static constexpr std::size_t kMaxWaiting = 16 * 1024 * 1024;  ///< bytes taken and not committed
  static constexpr std::chrono::milliseconds kRetry{100};       ///< after a write that failed
  static constexpr std::chrono::milliseconds kMostPatience{2};  ///< for more records before a sync; half of what a sync takes, if less

  /// Errors: `conflict` when another process has it; `corrupt` when it is not what was last signed: then nothing is touched.
  static Result<std::unique_ptr<Log>> open(LogSettings settings, crypto::SigningKey key, const Clock& clock = system_clock());
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  const Recovery& recovery() const { return recovery_; }
  const NoteVerifier& verifier() const { return verifier_; }

  /// Called on the log's thread after each commit, and when writing begins to fail. Before start().
  void listen(std::function<void()> listener) { listeners_.push_back(std::move(listener)); }
  /// Called on the log's thread with each new checkpoint's note. Before start().
  void on_checkpoint(std::function<void(std::string_view note)> listener) { on_checkpoint_ = std::move(listener); }
  void start();

  /// Thread-safe. `body` is 1 to kMaxBody bytes. `awaited`: somebody waits for it, so commit at once.
  /// Errors: `exhausted` when kMaxWaiting is reached; the loss is counted, and a record says so as soon as there is room again.
  Result<Ticket> append(std::string_view body, bool awaited);
  Ticket durable() const { return durable_.load(std::memory_order_acquire); }
  /// The last write failed, and is tried again.
  bool failing() const { return failing_.load(std::memory_order_relaxed); }
  std::string trouble() const;  ///< why

  /// Commits and signs what was appended, if the disk lets it; then appends fail.
  void stop();

 private:
  Log(LogSettings settings, crypto::SigningKey key, const Clock& clock);
  Result<void> recover();
  Result<void> recover_segments(const std::vector<std::uint64_t>& segments);
  Result<void> scan_last_segment(std::uint64_t first, const std::optional<Checkpoint>& newest);
  Result<void> cut_tail(std::uint64_t first, std::uint64_t offset, std::uint64_t written);
  Result<void> new_segment(std::uint64_t first);

  void run();
  bool take_batch();
  void await_usual(std::unique_lock<std::mutex>& lock);
  void write_batch();
  void add_record(std::string_view body);
  bool commit();  ///< false: stopped before the disk took it
  void sign();
  void roll();
  void prune();
  /// Runs `step` until it succeeds or the log is stopped; false: stopped.
  bool persist(const std::function<Result<void>()>& step);
  std::uint64_t records() const { return closed_.size() + open_.size(); }

  const LogSettings settings_;
  const crypto::SigningKey key_;
  const NoteVerifier verifier_;
  const Clock& clock_;
  Recovery recovery_;
  std::vector<std::function<void()>> listeners_;
  std::function<void(std::string_view)> on_checkpoint_;

  // The log thread's:
  File lock_;
  SegmentWriter segment_;
  Frontier closed_;  ///< over the full segments
  Frontier open_;    ///< over the records of the segment being written
  Hash previous_{};
  std::uint64_t signed_ = 0;  ///< records under the newest checkpoint
  MonoTime signed_at_{};
  std::string batch_;        ///< payloads taken over, each behind its length
  std::string frames_;       ///< built and not yet durable
  Ticket built_ = 0;         ///< appends that frames_ ends with
  std::size_t awaited_ = 0;  ///< of the batch: records that somebody waits for
  std::size_t usual_ = 0;    ///< how many of these were at hand after the last sync, or under way
  Duration sync_time_{};     ///< of late

  std::atomic<Ticket> durable_{0};
  std::atomic<bool> failing_{false};

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  std::string waiting_;
  Ticket appended_ = 0;
  std::uint64_t lost_ = 0;
  std::size_t awaiting_ = 0;  ///< records of `waiting_` that somebody waits for
  std::size_t enough_ = 1;    ///< of them for the log's thread to be woken
  bool stopping_ = false;
  std::string trouble_;
  std::thread thread_;
};

}  // namespace bulwark::audit
