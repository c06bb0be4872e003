// A chain is made when a request names its first model: roles decide which of the fallbacks are in it.
#include "chat/routing/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "wire/json/writer.h"

namespace bulwark::chat::routing {

namespace {

bool fits(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

bool may_use(const ModelSettings& model, const trace::Principal& who) {
  return model.roles.empty() || std::any_of(model.roles.begin(), model.roles.end(), [&](const auto& role) { return who.has_role(role); });
}

}  // namespace

std::string_view Model::name(std::string_view asked) const {
  if (!settings.as.empty()) return settings.as;
  return settings.name.ends_with('*') ? asked : std::string_view(settings.name);
}

Result<Router> Router::create(const std::vector<ModelSettings>& models, const FindUpstream& find) {
  Router made;
  for (const ModelSettings& each : models) {
    auto model = std::make_shared<Model>();
    model->settings = each;
    if (!each.upstream.empty()) {
      if (find) model->upstream = find(each.upstream);
      if (!model->upstream) return config_error(fmt::format("model '{}': no upstream is named '{}'", each.name, each.upstream));
    }
    made.models_.push_back(std::move(model));
  }
  return made;
}

/// By the very name before any '*'; of those, the first.
const Model* Router::find(std::string_view asked) const {
  const Model* found = nullptr;
  for (const auto& each : models_) {
    if (each->settings.name == asked) return each.get();
    if (found == nullptr && fits(each->settings.name, asked)) found = each.get();
  }
  return found;
}

Chain Router::chain(std::string_view asked, const trace::Principal& who) const {
  Chain made;
  const Model* const first = find(asked);
  if (first == nullptr || !may_use(first->settings, who)) return made;
  const auto add = [&](const Model* model) {
    for (std::int64_t i = 0; i <= model->settings.retries && made.size() < kMaxChain; ++i) made.push_back(model);
  };
  add(first);
  for (const std::string& name : first->settings.fallback)
    if (const Model* const other = find(name); other != nullptr && may_use(other->settings, who)) add(other);
  return made;
}

bool worth_another(std::uint16_t status) {
  constexpr std::array<std::uint16_t, 7> kStatuses = {408, 429, 500, 502, 503, 504, 529};  // 529: Anthropic's "overloaded"
  return std::find(kStatuses.begin(), kStatuses.end(), status) != kStatuses.end();
}

bool worth_the_same(std::uint16_t status) { return status != 429 && status != 529; }

Result<std::string> with_model(std::string_view body, std::string_view model) {
  const auto document = TRY(json::Document::parse(body));
  std::string out;
  out.reserve(body.size() + model.size());
  json::Writer writer(out);
  writer.begin_object().field("model", model);
  const json::Value root = document.root();
  for (const json::Value& member : root) {
    if (member.name() == "model") continue;
    std::string text;
    json::append(text, member);
    writer.key(member.name()).raw(text);
  }
  writer.end_object();
  return out;
}

}  // namespace bulwark::chat::routing
