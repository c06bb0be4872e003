// Encoding and decoding of events.
#include "events/codec.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace bulwark::events {
namespace {

static_assert(std::endian::native == std::endian::little, "the encoding is little-endian memory");

/// The fixed part as it lies in memory and on disk.
struct Fixed {
  std::int64_t time;
  std::uint64_t bytes_in;
  std::uint64_t bytes_out;
  std::uint64_t rows;
  std::uint8_t source[16];
  std::uint8_t trace[16];
  std::uint8_t span[8];
  std::uint32_t duration_us;
  std::uint16_t event_class;
  std::uint16_t status;
  std::uint16_t source_port;
  std::uint8_t activity;
  std::uint8_t severity;
  std::uint8_t disposition;
  std::uint8_t plane;
  std::uint16_t reserved;
  std::uint16_t lengths[6];
  std::uint32_t detail_length;
};
static_assert(sizeof(Fixed) == kFixedBytes);

constexpr std::array<std::string_view Event::*, kTexts> kFields{&Event::user,   &Event::tenant,  &Event::route, &Event::rule,
                                                                &Event::target, &Event::message, &Event::detail};

std::string_view cut(std::string_view text) {
  if (text.size() <= Event::kMaxText) [[likely]]
    return text;
  std::size_t end = Event::kMaxText;
  while (end > Event::kMaxText - 4 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

constexpr std::size_t kCutNoteBytes = 48;

std::string_view cut_note(std::size_t size, char (&note)[kCutNoteBytes]) {
  constexpr std::string_view kBefore = "{\"cut_bytes\":";
  kBefore.copy(note, kBefore.size());
  char* end = std::to_chars(note + kBefore.size(), note + kCutNoteBytes - 1, size).ptr;
  *end++ = '}';
  return {note, static_cast<std::size_t>(end - note)};
}

std::string_view fitted_detail(std::string_view detail, char (&note)[kCutNoteBytes]) {
  return detail.size() <= Event::kMaxDetail ? detail : cut_note(detail.size(), note);
}

bool known(Class event_class) { return to_string(event_class) != "unknown"; }
bool known(Severity severity) { return severity == Severity::unknown || to_string(severity) != "unknown"; }
bool known(Disposition disposition) { return disposition == Disposition::unknown || to_string(disposition) != "unknown"; }
bool known(Plane plane) { return plane <= Plane::process; }

Error corrupt(const char* what) { return internal_error(Code::corrupt, std::string("encoded event: ") + what); }

}  // namespace

std::string_view Event::*text_field(std::size_t index) { return kFields.at(index); }

std::size_t encoded_size(const Event& event) {
  std::size_t size = kFixedBytes;
  for (std::size_t i = 0; i + 1 < kTexts; ++i) size += cut(event.*kFields[i]).size();
  char note[kCutNoteBytes];
  return size + fitted_detail(event.detail, note).size();
}

void encode(const Event& event, std::uint8_t* out) {
  Fixed fixed{};
  fixed.time = event.time;
  fixed.bytes_in = event.bytes_in;
  fixed.bytes_out = event.bytes_out;
  fixed.rows = event.rows;
  std::memcpy(fixed.source, event.source.bytes.data(), sizeof fixed.source);
  std::memcpy(fixed.trace, event.trace.bytes.data(), sizeof fixed.trace);
  std::memcpy(fixed.span, event.span.bytes.data(), sizeof fixed.span);
  fixed.duration_us = event.duration_us;
  fixed.event_class = static_cast<std::uint16_t>(event.event_class);
  fixed.status = event.status;
  fixed.source_port = event.source_port;
  fixed.activity = event.activity;
  fixed.severity = static_cast<std::uint8_t>(event.severity);
  fixed.disposition = static_cast<std::uint8_t>(event.disposition);
  fixed.plane = static_cast<std::uint8_t>(event.plane);

  std::uint8_t* at = out + kFixedBytes;
  for (std::size_t i = 0; i + 1 < kTexts; ++i) {
    const std::string_view text = cut(event.*kFields[i]);
    fixed.lengths[i] = static_cast<std::uint16_t>(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at += text.size();
  }
  char note[kCutNoteBytes];
  const std::string_view detail = fitted_detail(event.detail, note);
  fixed.detail_length = static_cast<std::uint32_t>(detail.size());
  if (!detail.empty()) std::memcpy(at, detail.data(), detail.size());
  std::memcpy(out, &fixed, sizeof fixed);
}

Result<Event> decode(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kFixedBytes || bytes.size() > kMaxEncoded) return corrupt("impossible size");
  Fixed fixed;
  std::memcpy(&fixed, bytes.data(), sizeof fixed);
  Event event;
  event.time = fixed.time;
  event.bytes_in = fixed.bytes_in;
  event.bytes_out = fixed.bytes_out;
  event.rows = fixed.rows;
  std::memcpy(event.source.bytes.data(), fixed.source, sizeof fixed.source);
  std::memcpy(event.trace.bytes.data(), fixed.trace, sizeof fixed.trace);
  std::memcpy(event.span.bytes.data(), fixed.span, sizeof fixed.span);
  event.duration_us = fixed.duration_us;
  event.event_class = static_cast<Class>(fixed.event_class);
  event.status = fixed.status;
  event.source_port = fixed.source_port;
  event.activity = fixed.activity;
  event.severity = static_cast<Severity>(fixed.severity);
  event.disposition = static_cast<Disposition>(fixed.disposition);
  event.plane = static_cast<Plane>(fixed.plane);
  if (!known(event.event_class) || !known(event.severity) || !known(event.disposition) || !known(event.plane))
    return corrupt("unknown class, severity, disposition or plane");

  const char* at = reinterpret_cast<const char*>(bytes.data()) + kFixedBytes;
  std::size_t left = bytes.size() - kFixedBytes;
  for (std::size_t i = 0; i < kTexts; ++i) {
    const std::size_t length = i + 1 < kTexts ? fixed.lengths[i] : fixed.detail_length;
    const std::size_t limit = i + 1 < kTexts ? Event::kMaxText : Event::kMaxDetail;
    if (length > limit || length > left) return corrupt("a text passes its limit or the end");
    event.*kFields[i] = {at, length};
    at += length;
    left -= length;
  }
  if (left != 0 || fixed.reserved != 0) return corrupt("bytes left over");
  return event;
}

}  // namespace bulwark::events
