// The words, bounds and examples of the models' settings.
#include "chat/model_settings.h"

#include <algorithm>
#include <set>

namespace bulwark::chat {

void describe(config::Object<ModelSettings>& object) {
  constexpr std::int64_t kMostRetries = 3;
  object
      .field("name", &ModelSettings::name,
             {.help = "The model as clients name it; a '*' at the end stands for any rest.", .example = "fast", .required = true})
      .field("upstream", &ModelSettings::upstream, {.help = "Which of `upstreams` has it; without it the route's.", .example = "openai"})
      .field(
          "api_key", &ModelSettings::api_key,
          {.help = "Its key, held here. Without it: the route's at the route's upstream, none elsewhere.", .example = "env:OPENAI_API_KEY"})
      .field("as", &ModelSettings::as, {.help = "What the upstream calls it; without it the same.", .example = "gpt-4o-mini"})
      .field("roles", &ModelSettings::roles, {.help = "Who may use it: any of these roles. Empty: everybody.", .example = "[staff]"})
      .field("retries", &ModelSettings::retries,
             {.help = "How often it is asked again when it fails before its first byte; not when it says 429.",
              .example = "1",
              .min = 0,
              .max = kMostRetries})
      .field("fallback", &ModelSettings::fallback,
             {.help = "Models of this list that take its place then, in this order; of those that the user may use.",
              .example = "[fast-elsewhere]"})
      .check([](const ModelSettings& model) -> std::string {
        constexpr std::size_t kMostFallbacks = 4;
        if (!model.as.empty() && model.name.ends_with('*')) return "model '" + model.name + "': a name with '*' cannot be called otherwise";
        return model.fallback.size() > kMostFallbacks ? "model '" + model.name + "' has more than 4 fallbacks" : "";
      });
}

std::string models_problem(const std::vector<ModelSettings>& models) {
  constexpr std::size_t kMostModels = 500;
  if (models.size() > kMostModels) return "models lists more than 500";
  std::set<std::string_view> names;
  for (const ModelSettings& each : models)
    if (!names.insert(each.name).second) return "two models are named '" + each.name + "'";
  for (const ModelSettings& each : models)
    for (const std::string& other : each.fallback)
      if (!names.contains(other) || other.ends_with('*') || other == each.name)
        return "model '" + each.name + "': the fallback '" + other + "' is no other model of the list";
  return {};
}

}  // namespace bulwark::chat
