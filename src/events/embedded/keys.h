// 64-bit keys that stand for sources, users, rules … in indexes, and the Bloom filter over a batch's trace ids. A key that
// matches only says "perhaps": the event itself is always compared too. They are stored: never change how they are made.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/id.h"
#include "base/ip.h"

namespace bulwark::events::embedded {

enum class KeyKind : std::uint8_t { source = 1, user = 2, tenant = 3, rule = 4 };

/// Never 0.
std::int64_t key_of(KeyKind kind, std::string_view text);
std::int64_t key_of(const IpAddress& source);
/// Its first eight bytes; 0 for an empty id.
std::int64_t key_of(const TraceId& trace);

/// 12 bits an entry at 1,024 entries, 5 probes: one in 200 batches is looked into in vain.
class TraceFilter {
 public:
  static constexpr std::size_t kBytes = 1536;
  void add(const TraceId& trace);
  bool may_have(const TraceId& trace) const { return may_have(bits_, trace); }
  /// False for a filter of another size.
  static bool may_have(std::span<const std::uint8_t> bits, const TraceId& trace);
  std::span<const std::uint8_t> bytes() const { return bits_; }
  void clear() { bits_.fill(0); }

 private:
  std::array<std::uint8_t, kBytes> bits_{};
};

}  // namespace bulwark::events::embedded
