// Name, role, schema, provenance: the cheap questions first.
#include "chat/tools/policy.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulwark::chat::tools {

namespace {

constexpr std::size_t kShortest = 6;  // bytes of a value that says where it came from: "true" and "10" stand everywhere
constexpr std::size_t kPiece = 16;    // of a longer text that was taken over in part: a run of 23 bytes holds such a piece
constexpr std::size_t kMaxPieces = 512;

bool fits(std::string_view pattern, std::string_view name) {
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

bool stands_in(const Conversation& conversation, std::string_view text, bool data) {
  return std::any_of(conversation.parts.begin(), conversation.parts.end(), [&](const Part& part) {
    return (part.channel == Channel::data) == data && part.text.find(text) != std::string_view::npos;
  });
}

bool taken_from_data(std::string_view text, const Conversation& conversation) {
  if (text.size() < kShortest) return false;
  if (stands_in(conversation, text, false)) return false;
  if (stands_in(conversation, text, true)) return true;
  const std::size_t step = std::max(kPiece / 2, text.size() / kMaxPieces);
  for (std::size_t at = 0; at + kPiece <= text.size(); at += step)
    if (stands_in(conversation, text.substr(at, kPiece), true) && !stands_in(conversation, text.substr(at, kPiece), false)) return true;
  return false;
}

}  // namespace

bool comes_from_data(const json::Value& arguments, const Conversation& conversation) {
  if (arguments.is(json::Type::string)) return taken_from_data(arguments.string(), conversation);
  if (arguments.is(json::Type::number)) return taken_from_data(arguments.number_text(), conversation);
  if (!arguments.is(json::Type::object) && !arguments.is(json::Type::array)) return false;
  for (const json::Value& each : arguments)
    if (comes_from_data(each, conversation)) return true;
  return false;
}

Result<Policy> Policy::create(const ToolPolicySettings& settings) {
  Policy made;
  made.mode_ = settings.mode;
  made.unlisted_ = settings.unlisted;
  for (const ToolSettings& each : settings.list) {
    Tool tool{each, std::nullopt};
    if (!each.schema.empty()) {
      auto schema = Schema::compile(each.schema);
      if (!schema.ok()) return config_error(fmt::format("tool '{}': {}", each.name, schema.error().message));
      tool.schema = *std::move(schema);
    }
    made.tools_.push_back(std::move(tool));
  }
  return made;
}

bool Policy::confirms() const {
  return std::any_of(tools_.begin(), tools_.end(), [](const Tool& each) { return each.settings.confirm; });
}

const Policy::Tool* Policy::find(std::string_view name) const {
  const auto found = std::find_if(tools_.begin(), tools_.end(), [&](const Tool& each) { return fits(each.settings.name, name); });
  return found == tools_.end() ? nullptr : &*found;
}

std::optional<Objection> Policy::judge(const Call& call, const trace::Principal& who, const Conversation& conversation,
                                       const pii::SurrogateIndex* index) const {
  auto found = objection(call, who, conversation, index);
  const Tool* const tool = find(call.name);
  if (tool == nullptr || !tool->settings.confirm || !call.whole || (found && found->mode == Mode::block)) return found;
  if (!found) found = Objection{Mode::block, kUnconfirmed, fmt::format("nobody confirmed the call of '{}'", tool->settings.name)};
  found->confirm = true;
  return found;
}

std::optional<Objection> Policy::objection(const Call& call, const trace::Principal& who, const Conversation& conversation,
                                           const pii::SurrogateIndex* index) const {
  const Tool* const tool = find(call.name);
  if (tool == nullptr) {
    if (unlisted_ == Mode::off) return std::nullopt;
    return Objection{unlisted_, "unlisted tool", "the model called a tool that the policy does not name"};
  }
  const std::string& name = tool->settings.name;
  const auto& roles = tool->settings.roles;
  if (!roles.empty() && std::none_of(roles.begin(), roles.end(), [&](const std::string& role) { return who.has_role(role); }))
    return Objection{mode_, "role", fmt::format("the tool '{}' needs a role that the user does not have", name)};
  if (!call.whole) return std::nullopt;
  std::string text = call.arguments.empty() ? "{}" : call.arguments;
  if (index != nullptr) text = pii::restore(*index, text, pii::Escape::json);
  const auto document = json::Document::parse(text);
  if (!document.ok()) return Objection{mode_, "schema", fmt::format("the arguments of '{}' are no JSON", name)};
  if (tool->schema)
    if (const std::string why = tool->schema->objection(document->root()); !why.empty())
      return Objection{mode_, "schema", fmt::format("the arguments of '{}' break its schema: {}", name, why)};
  if (tool->settings.untrusted != Mode::off && comes_from_data(document->root(), conversation))
    return Objection{tool->settings.untrusted, "untrusted argument",
                     fmt::format("an argument of '{}' comes from data that the model has read", name)};
  return std::nullopt;
}

}  // namespace bulwark::chat::tools
