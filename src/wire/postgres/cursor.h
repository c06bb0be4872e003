// Reads the protocol's integers and strings from a body with every step checked; after a failed read nothing more is given out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bulwark::wire::postgres {

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::uint8_t> u8() {
    if (rest_.empty()) return std::nullopt;
    const auto value = static_cast<std::uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return value;
  }
  std::optional<std::uint16_t> u16() {
    if (rest_.size() < 2) return std::nullopt;
    const auto value = static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
    rest_.remove_prefix(2);
    return value;
  }
  std::optional<std::uint32_t> u32() {
    if (rest_.size() < 4) return std::nullopt;
    const std::uint32_t value = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
    rest_.remove_prefix(4);
    return value;
  }
  /// Up to the next zero byte, which is consumed and not part of the value.
  std::optional<std::string_view> c_string() {
    const auto end = rest_.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    const auto value = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return value;
  }
  std::optional<std::string_view> bytes(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    const auto value = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return value;
  }
  std::string_view rest() const { return rest_; }
  bool done() const { return rest_.empty(); }

 private:
  std::uint32_t byte(std::size_t index) const { return static_cast<std::uint8_t>(rest_[index]); }
  std::string_view rest_;
};

}  // namespace bulwark::wire::postgres
