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
    const auto arguments = value.find("arguments");
    const auto input = value.find("input");
    if (arguments && arguments->is(json::Type::string) && !arguments->string().empty())
      out.push_back({std::string(value.text("name")), std::string(arguments->string()), true});
    else if (input && input->size() > 0 && value.text("type").ends_with("tool_use")) {
      Call call{std::string(value.text("name")), {}, true};
      json::append(call.arguments, *input);
      out.push_back(std::move(call));
    }
  }
  if (value.is(json::Type::object) || value.is(json::Type::array))
    for (const json::Value& each : value) collect(each, out);
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

Result<void> StreamedCalls::delta(std::int64_t choice, const json::Value& call, std::vector<Call>& out) {
  const auto function = call.find("function");
  if (!function) return {};
  const Key key{choice, number(call, "index", 0)};
  if (!open_.contains(key) && open_.size() == kMaxOpen) return upstream_error(Code::too_large, "a stream holds too many tool calls");
  Call& kept = open_[key];
  if (const std::string_view name = function->text("name"); !name.empty() && kept.name.empty()) {
    kept.name = name;
    out.push_back({kept.name, {}, false});
  }
  return append(kept, function->text("arguments"));
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
    const auto part = choice.find("delta");
    if (const auto calls = part ? part->find("tool_calls") : std::nullopt)
      for (const json::Value& call : *calls) TRY(delta(index, call, out));
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
  if (type == "content_block_stop" || type == "response.output_item.done") close(group, out);
  if (!begins && type != "content_block_delta")
    for (Call& call : whole_calls(root)) out.push_back(std::move(call));
  return out;
}

}  // namespace bulwark::chat::tools
