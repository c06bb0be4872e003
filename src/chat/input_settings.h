// What is done about the form of what goes to a model: its size, its characters, its attachments.
#pragma once

#include <string>
#include <vector>

#include "chat/mode.h"

namespace bulwark::chat {

/// In the texts of users and of data; `mask` takes the part out, or replaces it by what it stands for.
struct InputSettings {
  Mode unseen = Mode::mask;        ///< control, terminal, bidi, zero-width and tag characters
  Mode look_alikes = Mode::off;    ///< letters of another script inside a Latin word
  Mode markup = Mode::off;         ///< HTML that acts
  Mode commands = Mode::off;       ///< shell lines that hand over or destroy a machine
  Mode attachments = Mode::block;  ///< of a type that is not allowed, or not of the type that they say
  config::ByteSize max_text{1024 * 1024};
  std::vector<std::string> types{"image/png",       "image/jpeg", "image/gif", "image/webp",
                                 "application/pdf", "text/plain", "audio/wav", "audio/mpeg"};
  Mode file_ids = Mode::monitor;     ///< files that the provider holds: nobody here can look into them
  Mode remote_urls = Mode::monitor;  ///< images and documents that the provider fetches
};

void describe(config::Object<InputSettings>& object);

}  // namespace bulwark::chat
