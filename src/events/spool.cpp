// Publishing into mapped segments, and reading them from other threads.
#include "events/spool.h"

#include <fmt/format.h>

#include "base/check.h"
#include "events/codec.h"

namespace bulwark::events {
namespace {

/// What a defender waits for: the bus is woken at once instead of looking again a little later.
bool urgent(const Event& event) {
  return event.disposition == Disposition::blocked || event.disposition == Disposition::alert ||
         event.event_class == Class::detection_finding || event.event_class == Class::incident_finding;
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::create(SpoolFolder& folder, std::uint32_t index, Waker& reader, const Clock& clock) {
  std::unique_ptr<Spool> spool(new Spool(folder, index, reader, clock));
  auto segment = TRY(folder.make(index, spool->made_++, 0));
  spool->current_ = segment.get();
  spool->segments_.push_back(std::move(segment));
  return spool;
}

bool Spool::publish(const Event& event) {
  if (unreported_ != 0 && !report_loss()) {
    ++lost_;
    ++unreported_;
    return false;
  }
  if (!write(event)) {
    ++lost_;
    ++unreported_;
    return false;
  }
  if (urgent(event)) reader_.wake();
  return true;
}

bool Spool::write(const Event& event) {
  const std::size_t size = encoded_size(event);
  std::uint8_t* out = current_->reserve(size);
  if (out == nullptr) [[unlikely]] {
    if (!roll()) return false;
    out = current_->reserve(size);
    CHECK(out != nullptr);
  }
  encode(event, out);
  const std::uint64_t sequence = sequence_.load(std::memory_order_relaxed);
  current_->commit(size, sequence);
  sequence_.store(sequence + 1, std::memory_order_release);
  return true;
}

/// The spare when it is there; else made here, once, and after a failure only by prepare().
bool Spool::roll() {
  if (!spare_ready_.load(std::memory_order_acquire)) {
    if (starved_.load(std::memory_order_relaxed)) return false;
    if (!prepare()) {
      starved_.store(true, std::memory_order_relaxed);
      return false;
    }
  }
  const std::lock_guard lock(mutex_);
  current_->finish();
  current_ = spare_.get();
  segments_.push_back(std::move(spare_));
  spare_ready_.store(false, std::memory_order_relaxed);
  return true;
}

bool Spool::report_loss() {
  const std::string message = fmt::format("{} events were lost: there was no room to keep them", unreported_);
  Event loss;
  loss.time = clock_.wall();
  loss.event_class = Class::application_lifecycle;
  loss.activity = 99;  // other
  loss.severity = Severity::high;
  loss.disposition = Disposition::error;
  loss.plane = Plane::process;
  loss.rule = "events.lost";
  loss.message = message;
  if (!write(loss)) return false;
  unreported_ = 0;
  return true;
}

Result<void> Spool::prepare() {
  std::uint32_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (spare_ != nullptr || (!starved_ && segments_.back()->used() < segments_.back()->bytes() / 2)) return {};
    number = made_++;
  }
  auto made = TRY(folder_.make(index_, number, 0));
  const std::lock_guard lock(mutex_);
  if (spare_ != nullptr) {  // the publisher and the bus both made one
    folder_.release(std::move(made));
    return {};
  }
  spare_ = std::move(made);
  starved_.store(false, std::memory_order_relaxed);
  spare_ready_.store(true, std::memory_order_release);
  return {};
}

Spool::Cursor Spool::begin() const {
  const std::lock_guard lock(mutex_);
  return {segments_.front()};
}

std::optional<Segment::Record> Spool::next(Cursor& cursor) const {
  for (;;) {
    Segment::End end{};
    if (auto record = cursor.segment->read(cursor.offset, false, end)) {
      cursor.offset = record->next;
      cursor.sequence = record->sequence + 1;
      return record;
    }
    CHECK(end != Segment::End::torn);
    if (end == Segment::End::more_to_come) return std::nullopt;
    const std::lock_guard lock(mutex_);
    auto each = segments_.begin();
    while (*each != cursor.segment) ++each;
    if (++each == segments_.end()) return std::nullopt;
    cursor.segment = *each;
    cursor.offset = Segment::kHeaderBytes;
  }
}

void Spool::release_before(const Cursor& one, const Cursor& other, std::vector<std::string>& released) {
  for (;;) {
    std::shared_ptr<Segment> done;
    {
      const std::lock_guard lock(mutex_);
      if (segments_.front() == one.segment || segments_.front() == other.segment) return;
      done = std::move(segments_.front());
      segments_.pop_front();
    }
    released.push_back(done->name());
    folder_.release(std::move(done));
  }
}

void Spool::release_all() {
  const std::lock_guard lock(mutex_);
  for (auto& segment : segments_) folder_.release(segment);
  if (spare_ != nullptr) folder_.release(spare_);
}

}  // namespace bulwark::events
