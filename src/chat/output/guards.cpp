// The visible list of the output guards. A new guard is one file and one line here that says what it stops.
#include "chat/output/guards.h"

namespace bulwark::chat::output {

std::vector<Armed> make_guards(const Question& question) {
  const OutputSettings& settings = *question.settings;
  std::vector<Armed> guards;
  const auto add = [&](std::string_view name, Mode mode, std::unique_ptr<Guard> (*make)(const Question&)) {
    if (mode == Mode::off) return;
    if (auto guard = make(question)) guards.push_back({name, mode, std::move(guard)});
  };

  // Our own token, which stands nowhere but in the system message: whoever sees it has the message.
  add("canary", settings.canary, make_canary);

  // The system message itself, word for word.
  add("prompt", settings.prompt, make_prompt_leak);

  // Addresses, cards, accounts that nobody in the conversation brought: learnt in training, or from somebody else's data.
  add("pii", settings.pii, make_personal);

  // Keys and passwords, likewise.
  add("secret", settings.secret, make_credentials);

  // Images that load by themselves and links that carry what was said to a stranger's server.
  add("links", settings.links, make_links);

  // What a browser would run.
  add("markup", settings.markup, make_markup);

  // What a terminal would run, if somebody pasted it.
  add("commands", settings.commands, make_commands);

  // What nobody sees: terminal sequences, reordering and invisible characters.
  add("controls", settings.controls, make_controls);

  // New output guards go above this line
  return guards;
}

}  // namespace bulwark::chat::output
