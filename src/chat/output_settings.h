// What is done about each thing that a model's answer may hold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chat/mode.h"

namespace bulwark::chat {

/// What the app makes of an answer: in Markdown, a fenced code block is shown and not run.
enum class Rendering : std::uint8_t { markdown, html };
inline config::EnumNames<Rendering> enum_names(Rendering) { return {{{"markdown", Rendering::markdown}, {"html", Rendering::html}}}; }

/// `mask` takes the part out of the answer; `block` ends the answer there.
struct OutputSettings {
  Mode canary = Mode::off;      ///< a token of ours in the system message; anything but off puts it there
  Mode prompt = Mode::monitor;  ///< the system message told word for word
  Mode pii = Mode::mask;        ///< personal data that does not stand in the request
  Mode secret = Mode::mask;
  Mode links = Mode::mask;
  Mode markup = Mode::mask;
  Mode commands = Mode::monitor;
  Mode controls = Mode::mask;
  std::int64_t prompt_words = 12;  ///< in a row that make a leak
  std::vector<std::string> hosts;  ///< images and links to them are trusted
  Rendering shown_as = Rendering::markdown;
};

void describe(config::Object<OutputSettings>& object);

}  // namespace bulwark::chat
