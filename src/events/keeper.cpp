// The thread that stores events.
#include "events/keeper.h"

#include <pthread.h>

#include "base/log.h"

namespace bulwark::events {

void Keeper::start() {
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "bulwark-store");
}

bool Keeper::flush(const std::vector<std::uint64_t>& published, std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  hurry_ = true;
  wake_.notify_all();
  return progress_.wait_until(lock, deadline, [&] {
    for (std::size_t i = 0; i < published.size(); ++i)
      if (i >= counts_.size() ? published[i] > 0 : counts_[i] < published[i]) {
        hurry_ = true;
        return false;
      }
    return true;
  });
}

bool Keeper::stop() {
  if (!thread_.joinable()) return spools_.all_read(stored_);
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  return spools_.all_read(stored_);
}

void Keeper::run() {
  MonoTime maintained = clock_.mono();
  for (;;) {
    bool last = false;
    {
      const std::lock_guard lock(mutex_);
      last = stopping_;
      hurry_ = false;
    }
    const std::size_t taken = gather();
    const bool kept = (taken == 0 && released_.empty()) || append();
    if (last && (!kept || taken < kMaxBatch)) return;
    if (!kept) {
      pause(kRetry);
      continue;
    }
    if (clock_.mono() - maintained >= kMaintain) {
      maintained = clock_.mono();
      if (auto done = store_.maintain(clock_.wall()); !done) log::warn("event store upkeep: {}", done.error().message);
    }
    if (taken < kMaxBatch / 2) pause(kPause);
  }
}

std::size_t Keeper::gather() {
  batch_.clear();
  positions_.clear();
  reading_ = stored_;
  for (std::size_t i = 0; Spool* spool = spools_.at(i, reading_); ++i) {
    if (stored_.size() <= i) stored_.push_back(reading_[i]);
    Spool::Cursor& cursor = reading_[i];
    const std::size_t before = batch_.size();
    while (batch_.size() < kMaxBatch) {
      const Segment& last = *cursor.segment;  // lives until this thread releases it
      const std::size_t offset = cursor.offset;
      const auto record = spool->next(cursor);
      // The end of a segment is a place to save too: its file outlives this transaction by a moment.
      if (cursor.segment.get() != &last) positions_.push_back({last.name(), offset});
      if (!record) break;
      batch_.push_back(decode_own(record->payload));
    }
    if (batch_.size() != before) positions_.push_back({cursor.segment->name(), cursor.offset});
  }
  return batch_.size();
}

bool Keeper::append() {
  for (const std::string& gone : released_) positions_.push_back({gone, SpoolPosition::kForget});
  if (auto stored = store_.append(batch_, positions_); !stored) {
    if (!refused_) log::error("events wait in the spool: {}", stored.error().message);
    refused_ = true;
    return false;
  }
  if (refused_) log::info("the event store takes events again");
  refused_ = false;
  released_.clear();
  commit_cursors();
  return true;
}

void Keeper::commit_cursors() {
  stored_ = reading_;
  for (std::size_t i = 0; i < stored_.size(); ++i) spools_.release(i, stored_[i], released_);
  const std::lock_guard lock(mutex_);
  counts_.clear();
  for (const auto& cursor : stored_) counts_.push_back(cursor.sequence);
  progress_.notify_all();
}

void Keeper::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, time, [this] { return stopping_ || hurry_; });
}

}  // namespace bulwark::events
