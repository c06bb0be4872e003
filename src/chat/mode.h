// What a guard does when it finds something, and where the text that it read came from.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/schema.h"

namespace bulwark::chat {

enum class Mode : std::uint8_t {
  off,
  monitor,  ///< record a finding, change nothing
  mask,     ///< replace, and put back in the reply
  block,    ///< refuse the request
};

inline config::EnumNames<Mode> enum_names(Mode) {
  return {{{"off", Mode::off}, {"monitor", Mode::monitor}, {"mask", Mode::mask}, {"block", Mode::block}}};
}

enum class Channel : std::uint8_t {
  system,     ///< the operator's own instructions
  user,       ///< the user's turn: "direct"
  assistant,  ///< the model's earlier turns
  data,       ///< retrieved text, tool results, documents: "indirect"
};

constexpr std::string_view to_string(Channel channel) {
  constexpr std::string_view kNames[] = {"system", "user", "assistant", "data"};
  return kNames[static_cast<std::size_t>(channel)];
}

}  // namespace bulwark::chat
