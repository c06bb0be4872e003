// The words, bounds and examples of canaries and drift.
#include "chat/safety_settings.h"

namespace bulwark::chat {

void describe(config::Object<CanarySettings>& object) {
  object
      .field("file", &CanarySettings::file,
             {.help = "Texts of your own that every model must judge rightly before it is in force: lines as for 'bulwark train', "
                      "{\"label\": 0|1, \"chan\": \"direct\"|\"indirect\", \"text\"}. Those that came with this version are asked anyway.",
              .example = "/etc/bulwark/canaries.jsonl"})
      .field("min_found", &CanarySettings::min_found,
             {.help = "Share of the file's attacks that a model must find.", .example = "0.9", .min = 0, .max = 1})
      .field("max_flagged", &CanarySettings::max_flagged,
             {.help = "Share of the file's ordinary texts that it may take for attacks.", .example = "0.05", .min = 0, .max = 1});
}

void describe(config::Object<DriftSettings>& object) {
  object
      .field("reference", &DriftSettings::reference,
             {.help = "The first so many requests judged by a model say how its scores usually lie.",
              .example = "1000",
              .min = 500,
              .max = 1'000'000,
              .needs_restart = true})
      .field("window", &DriftSettings::window,
             {.help = "Every so many further requests are compared with them.",
              .example = "500",
              .min = 200,
              .max = 1'000'000,
              .needs_restart = true})
      .field("limit", &DriftSettings::limit,
             {.help = "Population stability index from which on there is an alert; 0.1 is a small shift, 0.25 a large one.",
              .example = "0.25",
              .needs_restart = true});
  object.check([](const DriftSettings& settings) -> std::string {
    return settings.limit >= 0.05 && settings.limit <= 10 ? "" : "limit must lie between 0.05 and 10";
  });
}

}  // namespace bulwark::chat
