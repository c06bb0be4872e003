// One publisher's side of the bus: the segments it has written and readers have not finished with yet.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "events/bus.h"
#include "events/segment.h"
#include "events/waker.h"

namespace bulwark::events {

/// The folder that all spools of one process share: names, the budget of bytes, and the lock that keeps it ours.
class SpoolFolder {
 public:
  /// Errors: `unavailable` when another process uses the folder.
  static Result<std::unique_ptr<SpoolFolder>> open(const BusSettings& settings, WallTime now);
  ~SpoolFolder();
  SpoolFolder(const SpoolFolder&) = delete;
  SpoolFolder& operator=(const SpoolFolder&) = delete;

  /// Errors: `exhausted` when the budget or the disk has no room.
  Result<std::shared_ptr<Segment>> make(std::uint32_t publisher, std::uint32_t number, std::uint64_t first_sequence);
  /// Keeps the file for the next make(), or deletes it when it is still held elsewhere or one is kept already.
  void release(std::shared_ptr<Segment> segment);
  /// The segments of earlier processes, oldest first.
  Result<std::vector<std::string>> left_behind() const;

 private:
  SpoolFolder(const BusSettings& settings, int lock, WallTime session);
  std::shared_ptr<Segment> take_spare();
  BusSettings settings_;
  int lock_;
  WallTime session_;  ///< names this process's segments, so that they never continue another's
  std::atomic<std::size_t> bytes_{0};
  std::mutex spare_mutex_;
  std::shared_ptr<Segment> spare_;  ///< emptied: allocating blocks and mapping pages anew costs more than clearing them
};

class Spool final : public Publisher {
 public:
  /// A reader's place. It keeps the mapping alive.
  struct Cursor {
    std::shared_ptr<Segment> segment;
    std::size_t offset = Segment::kHeaderBytes;
    std::uint64_t sequence = 0;  ///< of the next event
  };

  static Result<std::unique_ptr<Spool>> create(SpoolFolder& folder, std::uint32_t index, Waker& reader, const Clock& clock);

  bool publish(const Event& event) override;

  /// From here on: other threads.
  Cursor begin() const;
  std::optional<Segment::Record> next(Cursor& cursor) const;
  std::uint64_t published() const { return sequence_.load(std::memory_order_acquire); }
  /// Makes the next segment before the publisher needs it, so that it never waits for the disk. Tried again later when it fails.
  Result<void> prepare();
  /// Drops the segments that come before both readers' places; their names go to `released`.
  void release_before(const Cursor& one, const Cursor& other, std::vector<std::string>& released);
  void release_all();

 private:
  Spool(SpoolFolder& folder, std::uint32_t index, Waker& reader, const Clock& clock)
      : folder_(folder), index_(index), reader_(reader), clock_(clock) {}
  bool write(const Event& event);
  bool roll();
  bool report_loss();

  SpoolFolder& folder_;
  std::uint32_t index_;
  Waker& reader_;
  const Clock& clock_;
  Segment* current_ = nullptr;  ///< the publisher's; segments_ owns it
  std::uint64_t unreported_ = 0;
  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<bool> spare_ready_{false};
  std::atomic<bool> starved_{false};  ///< there was no room: wait for prepare() rather than asking the disk for each event

  mutable std::mutex mutex_;  ///< of what follows; never held while the disk is asked
  std::deque<std::shared_ptr<Segment>> segments_;
  std::shared_ptr<Segment> spare_;
  std::uint32_t made_ = 0;
};

}  // namespace bulwark::events
