// CRC-32C (Castagnoli, RFC 3720 §B.4): tells a torn record from a whole one. Not a defence against forgery.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulwark::events {

/// With the processor's instruction where there is one. `crc` continues an earlier piece.
std::uint32_t crc32c(const void* data, std::size_t size, std::uint32_t crc = 0);
/// Byte by byte, for any processor, and the twin that tests compare with.
std::uint32_t crc32c_portable(const void* data, std::size_t size, std::uint32_t crc = 0);

}  // namespace bulwark::events
