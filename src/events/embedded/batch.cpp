// Columnar batches.
#include "events/embedded/batch.h"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace bulwark::events::embedded {
namespace {

constexpr std::uint8_t kVersion = 1;

/// The fields that are kept byte for byte, in their order in a batch.
constexpr auto kFixedFields = std::make_tuple(&Event::source, &Event::trace, &Event::span, &Event::event_class, &Event::status,
                                              &Event::source_port, &Event::activity, &Event::severity, &Event::disposition,
                                              &Event::plane);

template <class Each>
void each_fixed(Each&& each) {
  std::apply([&](auto... members) {
    std::size_t column = 0;
    (each(column++, members), ...);
  }, kFixedFields);
}

void put_varint(Bytes& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

std::uint64_t zigzag(std::int64_t value) { return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63); }
std::int64_t unzigzag(std::uint64_t value) { return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1); }

std::int64_t difference(WallTime later, WallTime earlier) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier));
}
WallTime sum(WallTime base, std::int64_t difference) {
  return static_cast<WallTime>(static_cast<std::uint64_t>(base) + static_cast<std::uint64_t>(difference));
}

class Reader {
 public:
  explicit Reader(ByteView bytes) : bytes_(bytes) {}
  bool varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ >= bytes_.size()) return false;
      const std::uint8_t byte = bytes_[at_++];
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  const std::uint8_t* take(std::size_t size) {
    if (size > bytes_.size() - at_) return nullptr;
    at_ += size;
    return bytes_.data() + at_ - size;
  }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
};

bool read_numbers(Reader& in, std::vector<BatchEvent>& events) {
  std::uint64_t value = 0;
  EventId id = 0;
  for (auto& each : events) {
    if (!in.varint(value)) return false;
    each.id = id += value;
  }
  WallTime time = 0;
  for (auto& each : events) {
    if (!in.varint(value)) return false;
    each.event.time = time = sum(time, unzigzag(value));
  }
  for (const auto member : {&Event::bytes_in, &Event::bytes_out, &Event::rows})
    for (auto& each : events)
      if (!in.varint(each.event.*member)) return false;
  for (auto& each : events) {
    if (!in.varint(value)) return false;
    each.event.duration_us = static_cast<std::uint32_t>(value);
  }
  return true;
}

bool read_fixed(Reader& in, std::vector<BatchEvent>& events) {
  bool fine = true;
  each_fixed([&](std::size_t, auto member) {
    using Field = std::remove_reference_t<decltype(std::declval<Event&>().*member)>;
    const std::uint8_t* from = fine ? in.take(sizeof(Field) * events.size()) : nullptr;
    if (from == nullptr) {
      fine = false;
      return;
    }
    for (auto& each : events) {
      std::memcpy(&(each.event.*member), from, sizeof(Field));
      from += sizeof(Field);
    }
  });
  return fine;
}

bool read_texts(Reader& in, std::vector<BatchEvent>& events) {
  std::vector<std::size_t> lengths(events.size());
  for (std::size_t text = 0; text < kTexts; ++text) {
    const std::size_t limit = text + 1 < kTexts ? Event::kMaxText : Event::kMaxDetail;
    std::size_t total = 0;
    for (auto& length : lengths) {
      std::uint64_t value = 0;
      if (!in.varint(value) || value > limit) return false;
      length = value;
      total += value;
    }
    const auto* from = reinterpret_cast<const char*>(in.take(total));
    if (from == nullptr) return false;
    for (std::size_t i = 0; i < events.size(); ++i) {
      events[i].event.*text_field(text) = {from, lengths[i]};
      from += lengths[i];
    }
  }
  return true;
}

}  // namespace

void BatchBuilder::add(EventId id, const Event& event) {
  if (count_ == 0) {
    first_id_ = id;
    min_time_ = max_time_ = event.time;
  }
  put_varint(numbers_[0], id - last_id_);
  put_varint(numbers_[1], zigzag(difference(event.time, previous_time_)));
  put_varint(numbers_[2], event.bytes_in);
  put_varint(numbers_[3], event.bytes_out);
  put_varint(numbers_[4], event.rows);
  put_varint(numbers_[5], event.duration_us);
  each_fixed([&](std::size_t column, auto member) {
    const auto* from = reinterpret_cast<const std::uint8_t*>(&(event.*member));
    fixed_[column].insert(fixed_[column].end(), from, from + sizeof(event.*member));
  });
  for (std::size_t text = 0; text < kTexts; ++text) {
    const std::string_view value = event.*text_field(text);
    put_varint(lengths_[text], value.size());
    texts_[text].insert(texts_[text].end(), value.begin(), value.end());
    bytes_ += value.size();
  }
  bytes_ += 64;
  ++count_;
  last_id_ = id;
  previous_time_ = event.time;
  min_time_ = std::min(min_time_, event.time);
  max_time_ = std::max(max_time_, event.time);
}

void BatchBuilder::clear() {
  for (auto& column : numbers_) column.clear();
  for (auto& column : fixed_) column.clear();
  for (auto& column : lengths_) column.clear();
  for (auto& column : texts_) column.clear();
  count_ = bytes_ = 0;
  first_id_ = last_id_ = 0;
  previous_time_ = 0;
}

const Bytes& BatchBuilder::plain() {
  plain_.clear();
  plain_.push_back(kVersion);
  put_varint(plain_, count_);
  const auto append = [this](const Bytes& column) { plain_.insert(plain_.end(), column.begin(), column.end()); };
  for (const auto& column : numbers_) append(column);
  for (const auto& column : fixed_) append(column);
  for (std::size_t text = 0; text < kTexts; ++text) {
    append(lengths_[text]);
    append(texts_[text]);
  }
  return plain_;
}

Result<std::vector<BatchEvent>> read_batch(ByteView plain) {
  const auto corrupt = [] { return internal_error(Code::corrupt, "a batch of events in the store is damaged"); };
  Reader in(plain);
  const std::uint8_t* version = in.take(1);
  std::uint64_t count = 0;
  if (version == nullptr || *version != kVersion || !in.varint(count) || count > BatchBuilder::kMaxEvents) return corrupt();
  std::vector<BatchEvent> events(count);
  if (!read_numbers(in, events) || !read_fixed(in, events) || !read_texts(in, events) || !in.at_end()) return corrupt();
  return events;
}

}  // namespace bulwark::events::embedded
