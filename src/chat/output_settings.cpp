// The words, bounds and examples of the output guards' settings.
#include "chat/output_settings.h"

namespace bulwark::chat {

void describe(config::Object<OutputSettings>& object) {
  constexpr std::size_t kMaxHosts = 1'000;
  object
      .field("canary", &OutputSettings::canary,
             {.help = "Put a token of the conversation's own into the system message and look for it in answers, also encoded.",
              .example = "block"})
      .field("prompt", &OutputSettings::prompt, {.help = "The system message told word for word.", .example = "block"})
      .field("prompt_words", &OutputSettings::prompt_words,
             {.help = "How many words in a row make that a leak; a shorter system message counts as a whole.",
              .example = "12",
              .min = 6,
              .max = 40})
      .field("pii", &OutputSettings::pii,
             {.help = "E-mail addresses, cards, IBANs and telephone numbers in an answer that do not stand in the request; held before "
                      "their first byte leaves. What pii.allow names stays.",
              .example = "block"})
      .field("secret", &OutputSettings::secret, {.help = "Credentials in an answer, likewise.", .example = "block"})
      .field("links", &OutputSettings::links,
             {.help = "Images of hosts that are not in `hosts`, and links there that carry data away.", .example = "block"})
      .field("markup", &OutputSettings::markup,
             {.help = "HTML that a browser would act on: scripts, frames, forms, event handlers.", .example = "block"})
      .field("commands", &OutputSettings::commands, {.help = "Shell lines that would hand over or destroy a machine.", .example = "mask"})
      .field("controls", &OutputSettings::controls,
             {.help = "Terminal sequences, reordering and invisible characters.", .example = "block"})
      .field("hosts", &OutputSettings::hosts,
             {.help = "Hosts whose images and links are trusted: exact, or *.domain.", .example = "[cdn.acme.example, '*.acme.example']"})
      .field("shown_as", &OutputSettings::shown_as,
             {.help = "How the app shows answers. In markdown, what stands in a fenced code block is not run.", .example = "html"});
  object.check([](const OutputSettings& settings) -> std::string {
    return settings.hosts.size() <= kMaxHosts ? "" : "hosts holds more than 1000 names";
  });
}

}  // namespace bulwark::chat
