// The words, bounds and examples of the settings for what goes to a model.
#include "chat/input_settings.h"

namespace bulwark::chat {

void describe(config::Object<InputSettings>& object) {
  constexpr std::size_t kMaxTypes = 100;
  object
      .field("unseen", &InputSettings::unseen,
             {.help = "Control, terminal, reordering, zero-width and tag characters in what users and data say.", .example = "block"})
      .field(
          "look_alikes", &InputSettings::look_alikes,
          {.help = "Greek, Cyrillic or Armenian letters inside a word with Latin ones; mask writes the Latin letter.", .example = "mask"})
      .field("markup", &InputSettings::markup, {.help = "HTML that a browser would act on.", .example = "mask"})
      .field("commands", &InputSettings::commands, {.help = "Shell lines that would hand over or destroy a machine.", .example = "monitor"})
      .field("max_text", &InputSettings::max_text,
             {.help = "Longest single text; past it the client gets 413.", .example = "64KiB", .min = 256, .max = 64 * 1024 * 1024})
      .field("attachments", &InputSettings::attachments,
             {.help = "Attachments whose type is not in `types`, or whose first bytes say something else.", .example = "block"})
      .field("types", &InputSettings::types, {.help = "Media types that may be attached.", .example = "[image/png, image/jpeg]"})
      .field("file_ids", &InputSettings::file_ids,
             {.help = "Files that the model's provider holds: their content passes no guard.", .example = "block"})
      .field("remote_urls", &InputSettings::remote_urls,
             {.help = "Images and documents that the model's provider is to fetch.", .example = "block"});
  object.check([](const InputSettings& settings) -> std::string {
    if (settings.types.size() > kMaxTypes) return "types holds more than 100 media types";
    for (const Mode mode : {settings.attachments, settings.file_ids, settings.remote_urls})
      if (mode == Mode::mask) return "an attachment cannot be masked: off, monitor or block";
    return {};
  });
}

}  // namespace bulwark::chat
