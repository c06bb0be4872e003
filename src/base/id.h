// Trace and span ids as W3C Trace Context defines them (https://www.w3.org/TR/trace-context/).
// The trace id in hex is also the request id that a user sees: one id ties request, chat turn, tool call and SQL.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bulwark {

template <std::size_t Bytes>
struct Id {
  std::array<std::uint8_t, Bytes> bytes{};

  bool empty() const { return *this == Id{}; }
  bool operator==(const Id&) const = default;
  auto operator<=>(const Id&) const = default;

  /// Lower-case hex, 2 × Bytes characters.
  std::string hex() const;
  /// Writes 2 × Bytes characters to `out`; returns the end.
  char* write_hex(char* out) const;
  /// Exactly 2 × Bytes hex digits, not all zero; nothing else.
  static std::optional<Id> from_hex(std::string_view text);
  /// Random, never all zero. Unique, not a secret: do not use it as a token.
  static Id random();
};

using TraceId = Id<16>;
using SpanId = Id<8>;

extern template struct Id<16>;
extern template struct Id<8>;

/// Fills `out` from the kernel's CSPRNG; stops the process if the kernel cannot (there is no safe way on).
void secure_random(void* out, std::size_t size);

}  // namespace bulwark

template <std::size_t Bytes>
struct std::hash<bulwark::Id<Bytes>> {
  std::size_t operator()(const bulwark::Id<Bytes>& id) const noexcept {
    std::size_t value = 0;
    __builtin_memcpy(&value, id.bytes.data(), sizeof value);  // ids are random: their bytes are their hash
    return value;
  }
};
