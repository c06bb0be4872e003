// Keys: FNV-1a with a strong finish (MurmurHash3's), stable for ever.
#include "events/embedded/keys.h"

#include <cstring>

namespace bulwark::events::embedded {
namespace {

constexpr int kProbes = 5;

std::int64_t hashed(KeyKind kind, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  std::uint64_t value = (0xcbf29ce484222325ULL ^ static_cast<std::uint8_t>(kind)) * 0x100000001b3ULL;
  for (std::size_t i = 0; i < size; ++i) value = (value ^ bytes[i]) * 0x100000001b3ULL;
  value = (value ^ value >> 33) * 0xff51afd7ed558ccdULL;
  value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53ULL;
  value ^= value >> 33;
  return value == 0 ? 1 : static_cast<std::int64_t>(value);
}

/// Trace ids may be chosen by clients: mixed before their bits are probed.
template <class Each>
bool each_probe(const TraceId& trace, Each&& each) {
  const auto mixed = static_cast<std::uint64_t>(hashed(KeyKind::source, trace.bytes.data(), trace.bytes.size()));
  const auto step = static_cast<std::uint32_t>(mixed >> 32) | 1;
  auto at = static_cast<std::uint32_t>(mixed);
  for (int i = 0; i < kProbes; ++i, at += step) {
    const std::uint32_t bit = at % (TraceFilter::kBytes * 8);
    if (!each(bit / 8, static_cast<std::uint8_t>(1U << (bit % 8)))) return false;
  }
  return true;
}

}  // namespace

std::int64_t key_of(KeyKind kind, std::string_view text) { return hashed(kind, text.data(), text.size()); }

std::int64_t key_of(const IpAddress& source) { return hashed(KeyKind::source, source.bytes.data(), source.bytes.size()); }

std::int64_t key_of(const TraceId& trace) {
  std::int64_t key = 0;
  std::memcpy(&key, trace.bytes.data(), sizeof key);
  return key;
}

void TraceFilter::add(const TraceId& trace) {
  each_probe(trace, [this](std::size_t byte, std::uint8_t bit) {
    bits_[byte] |= bit;
    return true;
  });
}

bool TraceFilter::may_have(std::span<const std::uint8_t> bits, const TraceId& trace) {
  if (bits.size() != kBytes) return false;
  return each_probe(trace, [bits](std::size_t byte, std::uint8_t bit) { return (bits[byte] & bit) != 0; });
}

}  // namespace bulwark::events::embedded
