// The operator's log: what the process itself does (start, reload, errors). What happens to traffic is an event, not a log line.
// Never pass secrets, personal data, prompts or raw client bytes.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string_view>

namespace bulwark::log {

enum class Level : std::uint8_t { debug, info, warn, error };

void set_level(Level level);
void write(Level level, std::string_view message);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace bulwark::log
