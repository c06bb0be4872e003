// Many allowed events as columns: each field of all events together, numbers as differences or varints, texts end to end,
// the whole compressed once. 40 to 60 bytes an event, most of it the random ids.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "events/codec.h"
#include "events/embedded/payloads.h"
#include "events/store.h"

namespace bulwark::events::embedded {

class BatchBuilder {
 public:
  static constexpr std::size_t kMaxEvents = 1024;
  static constexpr std::size_t kMaxBytes = 2 * 1024 * 1024;  ///< plain; a batch is closed when it passes this

  void add(EventId id, const Event& event);
  void clear();
  bool empty() const { return count_ == 0; }
  bool full() const { return count_ >= kMaxEvents || bytes_ >= kMaxBytes; }
  std::size_t count() const { return count_; }
  EventId first_id() const { return first_id_; }
  EventId last_id() const { return last_id_; }
  WallTime min_time() const { return min_time_; }
  WallTime max_time() const { return max_time_; }
  /// The columns, not compressed.
  const Bytes& plain();

 private:
  static constexpr std::size_t kNumbers = 6;  // id, time, bytes_in, bytes_out, rows, duration_us
  static constexpr std::size_t kFixed = 10;
  std::array<Bytes, kNumbers> numbers_;
  std::array<Bytes, kFixed> fixed_;
  std::array<Bytes, kTexts> lengths_;
  std::array<Bytes, kTexts> texts_;
  Bytes plain_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  EventId first_id_ = 0;
  EventId last_id_ = 0;
  WallTime min_time_ = 0;
  WallTime max_time_ = 0;
  WallTime previous_time_ = 0;
};

struct BatchEvent {
  EventId id = 0;
  Event event;  ///< views into the plain columns
};

/// Which events of a batch to make: most of a batch is somebody else's.
struct Selection {
  std::optional<IpAddress> source;
  std::optional<TraceId> trace;
};

/// Undoes plain() for the selected events. Errors: `corrupt`; never reads outside, makes at most BatchBuilder::kMaxEvents.
Result<std::vector<BatchEvent>> read_batch(ByteView plain, const Selection& wanted = {});

/// What a plain batch can be at most: one event of the largest size beyond kMaxBytes.
inline constexpr std::size_t kMaxPlainBatch = BatchBuilder::kMaxBytes + kMaxEncoded + BatchBuilder::kMaxEvents * 64;

}  // namespace bulwark::events::embedded
