// Columnar batches.
#include "events/embedded/batch.h"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace bulwark::events::embedded {
namespace {

constexpr std::uint8_t kVersion = 1;

/// The fields that are kept byte for byte, in their order in a batch; first those that a search selects by.
constexpr auto kFixedFields = std::make_tuple(&Event::source, &Event::trace, &Event::span, &Event::event_class, &Event::status,
                                              &Event::source_port, &Event::activity, &Event::severity, &Event::disposition, &Event::plane);

constexpr std::size_t kOtherFixedBytes =
    std::apply([](auto... members) { return (sizeof(std::declval<Event&>().*members) + ...); }, kFixedFields) - sizeof(IpAddress) -
    sizeof(TraceId);

template <class Each>
void each_fixed(Each&& each) {
  std::apply(
      [&](auto... members) {
        std::size_t column = 0;
        (each(column++, members), ...);
      },
      kFixedFields);
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

/// The events to make, with their places among the batch's `count`, rising.
struct Chosen {
  std::size_t count;
  std::vector<std::uint32_t> places;
  std::vector<BatchEvent> events;
};

/// Walks a column of varints; `map(value)` for every event, `put(event, mapped)` for the chosen ones.
template <class Map, class Put>
bool read_column(Reader& in, Chosen& chosen, Map&& map, Put&& put) {
  std::size_t next = 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < chosen.count; ++i) {
    if (!in.varint(value)) return false;
    const auto mapped = map(value);
    if (next < chosen.places.size() && chosen.places[next] == i) put(chosen.events[next++], mapped);
  }
  return true;
}

bool read_numbers(Reader& in, Chosen& chosen) {
  EventId id = 0;
  WallTime time = 0;
  const auto plain = [](std::uint64_t value) { return value; };
  return read_column(
             in, chosen, [&](std::uint64_t value) { return id += value; }, [](BatchEvent& out, EventId value) { out.id = value; }) &&
         read_column(
             in, chosen, [&](std::uint64_t value) { return time = sum(time, unzigzag(value)); },
             [](BatchEvent& out, WallTime value) { out.event.time = value; }) &&
         read_column(in, chosen, plain, [](BatchEvent& out, std::uint64_t value) { out.event.bytes_in = value; }) &&
         read_column(in, chosen, plain, [](BatchEvent& out, std::uint64_t value) { out.event.bytes_out = value; }) &&
         read_column(in, chosen, plain, [](BatchEvent& out, std::uint64_t value) { out.event.rows = value; }) &&
         read_column(in, chosen, plain,
                     [](BatchEvent& out, std::uint64_t value) { out.event.duration_us = static_cast<std::uint32_t>(value); });
}

void choose(const std::uint8_t* sources, const std::uint8_t* traces, const Selection& wanted, Chosen& chosen) {
  for (std::uint32_t i = 0; i < chosen.count; ++i) {
    if (wanted.source && std::memcmp(sources + i * sizeof(IpAddress), wanted.source->bytes.data(), sizeof(IpAddress)) != 0) continue;
    if (wanted.trace && std::memcmp(traces + i * sizeof(TraceId), wanted.trace->bytes.data(), sizeof(TraceId)) != 0) continue;
    chosen.places.push_back(i);
  }
  chosen.events.resize(chosen.places.size());
}

bool read_fixed(Reader& in, const Selection& wanted, Chosen& chosen) {
  const std::uint8_t* sources = in.take(sizeof(IpAddress) * chosen.count);
  const std::uint8_t* traces = in.take(sizeof(TraceId) * chosen.count);
  const std::uint8_t* rest = in.take(kOtherFixedBytes * chosen.count);
  if (sources == nullptr || traces == nullptr || rest == nullptr) return false;
  choose(sources, traces, wanted, chosen);
  each_fixed([&](std::size_t column, auto member) {
    using Field = std::remove_reference_t<decltype(std::declval<Event&>().*member)>;
    const std::uint8_t* from = column == 0 ? sources : column == 1 ? traces : rest;
    for (std::size_t i = 0; i < chosen.places.size(); ++i)
      std::memcpy(&(chosen.events[i].event.*member), from + chosen.places[i] * sizeof(Field), sizeof(Field));
    if (column > 1) rest += sizeof(Field) * chosen.count;
  });
  return true;
}

bool read_texts(Reader& in, Chosen& chosen) {
  struct Piece {
    std::size_t at;
    std::size_t length;
  };
  std::vector<Piece> pieces(chosen.events.size());
  for (std::size_t text = 0; text < kTexts; ++text) {
    const std::size_t limit = text + 1 < kTexts ? Event::kMaxText : Event::kMaxDetail;
    std::size_t at = 0;
    bool fine = true;
    const auto place = [&](std::uint64_t length) {
      fine &= length <= limit;
      at += fine ? length : 0;
      return Piece{at - (fine ? length : 0), length};
    };
    const auto put = [&](BatchEvent& out, Piece piece) { pieces[static_cast<std::size_t>(&out - chosen.events.data())] = piece; };
    if (!read_column(in, chosen, place, put) || !fine) return false;
    const auto* from = reinterpret_cast<const char*>(in.take(at));
    if (from == nullptr) return false;
    for (std::size_t i = 0; i < pieces.size(); ++i) chosen.events[i].event.*text_field(text) = {from + pieces[i].at, pieces[i].length};
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
  for (const auto& column : fixed_) append(column);
  for (const auto& column : numbers_) append(column);
  for (std::size_t text = 0; text < kTexts; ++text) {
    append(lengths_[text]);
    append(texts_[text]);
  }
  return plain_;
}

Result<std::vector<BatchEvent>> read_batch(ByteView plain, const Selection& wanted) {
  const auto corrupt = [] { return internal_error(Code::corrupt, "a batch of events in the store is damaged"); };
  Reader in(plain);
  const std::uint8_t* version = in.take(1);
  std::uint64_t count = 0;
  if (version == nullptr || *version != kVersion || !in.varint(count) || count > BatchBuilder::kMaxEvents) return corrupt();
  Chosen chosen{.count = count, .places = {}, .events = {}};
  if (!read_fixed(in, wanted, chosen)) return corrupt();
  if (chosen.places.empty() && count > 0) return std::vector<BatchEvent>();
  if (!read_numbers(in, chosen) || !read_texts(in, chosen) || !in.at_end()) return corrupt();
  return std::move(chosen.events);
}

}  // namespace bulwark::events::embedded
