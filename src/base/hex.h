// Bytes as lower-case hexadecimal (RFC 4648 §8, but for the case).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bulwark {

/// Two digits a byte.
std::string to_hex(std::string_view bytes);
std::string to_hex(std::span<const std::uint8_t> bytes);

}  // namespace bulwark
