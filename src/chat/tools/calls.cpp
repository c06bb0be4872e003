// What a call looks like differs little: a name, and arguments as text or as an object.
#include "chat/tools/calls.h"

namespace bulwark::chat::tools {

namespace {

std::int64_t number(const json::Value& object, std::string_view key, std::int64_t otherwise) {
  const auto value = object.find(key);
  return value && value->integer() ? *value->integer() : otherwise;
}

void collect(const json::Value& value, std::vector<Call>& out) {
  if (out.size() == kMaxCalls) return;
  if (value.is(json::Type::object) && !value.text("name").empty()) {
    const auto arguments = value.find("arguments");  // OpenAI: a text that should be JSON
    const auto input = value.find("input");          // Anthropic: an object; OpenAI's custom tools: a text of any form
    if (arguments && arguments->is(json::Type::string)) {
      out.push_back({std::string(value.text("name")), std::string(arguments->string()), true});
    } else if (arguments || input) {
      Call call{std::string(value.text("name")), {}, true};
      json::append(call.arguments, arguments ? *arguments : *input);
      out.push_back(std::move(call));
    }
  }
  const bool object = value.is(json::Type::object);
  if (!object && !value.is(json::Type::array)) return;
  for (const json::Value& each : value)  // what a call is given holds no calls
    if (!object || (each.name() != "input" && each.name() != "arguments")) collect(each, out);
}

}  // namespace

std::vector<Call> whole_calls(const json::Value& root) {
  std::vector<Call> calls;
  collect(root, calls);
  return calls;
}

Result<void> StreamedCalls::append(Call& call, std::string_view piece) {
  if (call.arguments.size() + piece.size() > kMaxArguments) return upstream_error(Code::too_large, "a tool call's arguments are too long");
  call.arguments.append(piece);
  return {};
}

Result<void> StreamedCalls::delta(const Key& key, const json::Value& function, std::vector<Call>& out) {
  if (!open_.contains(key) && open_.size() == kMaxOpen) return upstream_error(Code::too_large, "a stream holds too many tool calls");
  Call& kept = open_[key];
  if (const std::string_view name = function.text("name"); !name.empty() && kept.name.empty()) {
    kept.name = name;
    out.push_back({kept.name, {}, false});
  }
  TRY(append(kept, function.text("arguments")));
  return append(kept, function.text("input"));
}

Result<void> StreamedCalls::deltas(std::int64_t choice, const json::Value& part, std::vector<Call>& out) {
  constexpr std::int64_t kLegacy = -1;  // one call a choice, before there were tools
  if (const auto function = part.find("function_call")) TRY(delta({choice, kLegacy}, *function, out));
  const auto calls = part.find("tool_calls");
  if (!calls) return {};
  for (const json::Value& call : *calls)
    for (const std::string_view kind : {"function", "custom"})
      if (const auto function = call.find(kind)) TRY(delta({choice, number(call, "index", 0)}, *function, out));
  return {};
}

void StreamedCalls::close(std::int64_t group, std::vector<Call>& out) {
  const auto first = open_.lower_bound({group, INT64_MIN});
  const auto last = open_.upper_bound({group, INT64_MAX});
  for (auto each = first; each != last; ++each) out.push_back(std::move(each->second));
  open_.erase(first, last);
}

Result<void> StreamedCalls::chat(const json::Value& root, std::vector<Call>& out) {
  std::int64_t position = 0;
  const json::Value choices = *root.find("choices");
  for (const json::Value& choice : choices) {
    const std::int64_t index = number(choice, "index", position++);
    if (const auto part = choice.find("delta")) TRY(deltas(index, *part, out));
    const auto reason = choice.find("finish_reason");
    if (reason && !reason->is(json::Type::null)) close(index, out);
  }
  return {};
}

Result<std::vector<Call>> StreamedCalls::take(const json::Value& root) {
  std::vector<Call> out;
  const std::string_view type = root.text("type");
  if (root.find("choices")) {
    TRY(chat(root, out));
    return out;
  }
  const std::int64_t group = number(root, type.starts_with("response.") ? "output_index" : "index", 0);
  const auto block = root.find(type.starts_with("response.") ? "item" : "content_block");
  const bool begins = type == "content_block_start" || type == "response.output_item.added";
  if (begins && block && !block->text("name").empty()) {
    if (open_.size() == kMaxOpen) return upstream_error(Code::too_large, "a stream holds too many tool calls");
    open_[{group, 0}] = {std::string(block->text("name")), {}, true};
    out.push_back({std::string(block->text("name")), {}, false});
  }
  const auto found = open_.find({group, 0});
  if (const auto delta = root.find("delta"); delta && found != open_.end())
    TRY(append(found->second, delta->is(json::Type::string) ? delta->string() : delta->text("partial_json")));
  if (found != open_.end() && type.ends_with("arguments.done"))  // says them again, and may say something else
    out.push_back({found->second.name, std::string(root.text("arguments")), true});
  if (type == "content_block_stop" || type == "response.output_item.done") close(group, out);
  if (!begins && type != "content_block_delta")
    for (Call& call : whole_calls(root)) out.push_back(std::move(call));
  return out;
}

}  // namespace bulwark::chat::tools
