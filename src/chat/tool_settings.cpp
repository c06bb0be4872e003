// The words, bounds and examples of the settings for tools.
#include "chat/tool_settings.h"

namespace bulwark::chat {

void describe(config::Object<ToolSettings>& object) {
  object
      .field("name", &ToolSettings::name,
             {.help = "The tool's name as the model calls it; a '*' at the end stands for any rest.",
              .example = "send_mail",
              .required = true})
      .field("roles", &ToolSettings::roles,
             {.help = "Who may have it called: any of these roles. Empty: everybody.", .example = "[support]"})
      .field("schema", &ToolSettings::schema,
             {.help = "JSON Schema of the arguments, as text: type, enum, const, properties, required, additionalProperties, items and "
                      "bounds; other keywords are an error.",
              .example = "'{\"type\":\"object\",\"properties\":{\"to\":{\"type\":\"string\",\"maxLength\":80}},\"required\":[\"to\"]}'"})
      .field(
          "untrusted", &ToolSettings::untrusted,
          {.help = "When an argument stands in what came as data (tool results, documents) and in nothing that the user or the app said.",
           .example = "block"})
      .field("confirm", &ToolSettings::confirm,
             {.help = "A person must confirm each call, on the console or with `bulwark chat confirm`; the answer waits that long.",
              .example = "true"});
  object.check([](const ToolSettings& settings) -> std::string {
    return settings.untrusted == Mode::mask ? "a tool call cannot be masked: off, monitor or block" : "";
  });
}

void describe(config::Object<ToolPolicySettings>& object) {
  constexpr std::size_t kMaxTools = 500;
  object.field("mode", &ToolPolicySettings::mode, {.help = "What happens to a call that breaks a rule of `list`.", .example = "block"})
      .field("unlisted", &ToolPolicySettings::unlisted,
             {.help = "Calls of tools that `list` does not name, once it names any.", .example = "monitor"})
      .field("list", &ToolPolicySettings::list, {.help = "The tools that may be called; the first whose name fits decides."})
      .field("confirm_within", &ToolPolicySettings::confirm_within,
             {.help = "A call that nobody has confirmed by then is refused.", .example = "2min", .min = 1'000, .max = 3'600'000});
  object.check([](const ToolPolicySettings& settings) -> std::string {
    if (settings.mode == Mode::mask || settings.unlisted == Mode::mask) return "a tool call cannot be masked: off, monitor or block";
    return settings.list.size() <= kMaxTools ? "" : "list holds more than 500 tools";
  });
}

}  // namespace bulwark::chat
