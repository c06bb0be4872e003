// Brings events from the spools into the store on a thread of its own, in batches, with the places it has read to in the
// same transaction; frees segments once both it and the dispatcher are past them.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "events/spool_list.h"
#include "events/store.h"

namespace bulwark::events {

class Keeper {
 public:
  static constexpr std::size_t kMaxBatch = 4096;
  static constexpr std::chrono::milliseconds kPause{200};   ///< between batches while there is little to do
  static constexpr std::chrono::milliseconds kRetry{1000};  ///< after the store refused
  static constexpr std::chrono::milliseconds kMaintain{1000};

  Keeper(SpoolList& spools, Store& store, const Clock& clock) : spools_(spools), store_(store), clock_(clock) {}
  ~Keeper() { stop(); }

  void start();
  /// True when everything up to `published` (a count for each spool) is in the store before `deadline`.
  bool flush(const std::vector<std::uint64_t>& published, std::chrono::steady_clock::time_point deadline);
  /// True when nothing is left to be stored.
  bool stop();

 private:
  void run();
  std::size_t gather();
  bool append();
  void commit_cursors();
  void pause(std::chrono::milliseconds time);

  SpoolList& spools_;
  Store& store_;
  const Clock& clock_;
  std::thread thread_;

  std::vector<Spool::Cursor> stored_;   ///< what the store has
  std::vector<Spool::Cursor> reading_;  ///< what the batch being stored would take it to
  std::vector<Event> batch_;            ///< views into the segments, which live until release()
  std::vector<SpoolPosition> positions_;
  std::vector<std::string> released_;
  bool refused_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable progress_;
  std::vector<std::uint64_t> counts_;
  bool hurry_ = false;
  bool stopping_ = false;
};

}  // namespace bulwark::events
