// An event as bytes, in the spool and in the store (docs/formats/spool.md): fixed fields, then the texts one after another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "events/event.h"

namespace bulwark::events {

inline constexpr std::size_t kTexts = 7;  ///< user, tenant, route, rule, target, message, detail
inline constexpr std::size_t kFixedBytes = 104;
inline constexpr std::size_t kMaxEncoded = kFixedBytes + 6 * Event::kMaxText + Event::kMaxDetail;

/// The texts in their order in the encoding.
std::string_view Event::*text_field(std::size_t index);

/// What encode() will write, at most kMaxEncoded: texts past their limits are cut (at a UTF-8 boundary), and a `detail`
/// past its limit gives way to {"cut_bytes":N}, since half an object is none.
std::size_t encoded_size(const Event& event);
/// Writes encoded_size(event) bytes.
void encode(const Event& event, std::uint8_t* out);

/// Views into `bytes`. Errors: `corrupt` unless the bytes are exactly one event with known enums and texts within limits.
Result<Event> decode(std::span<const std::uint8_t> bytes);

}  // namespace bulwark::events
