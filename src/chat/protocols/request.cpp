// The dialects differ in names, not in structure: messages or items with a role, whose content is a text or a list of parts.
#include "chat/protocols/request.h"

#include <algorithm>

namespace bulwark::chat {

Dialect dialect_of(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.ends_with("/messages") || path.ends_with("/messages/count_tokens") ? Dialect::anthropic : Dialect::openai;
}

namespace {

Channel channel_of(std::string_view role) {
  if (role == "system" || role == "developer") return Channel::system;
  if (role == "assistant" || role == "model") return Channel::assistant;
  if (role == "tool" || role == "function") return Channel::data;
  return Channel::user;
}

class Collector {
 public:
  Collector(Conversation& out, const RequestLimits& limits) : out_(out), limits_(limits) {}

  Result<void> root(const json::Value& root) {
    out_.model = root.text("model");
    if (const auto stream = root.find("stream")) out_.stream = stream->boolean();
    if (const auto system = root.find("system")) content(*system, Channel::system);
    if (const auto instructions = root.find("instructions")) content(*instructions, Channel::system);
    if (const auto prompt = root.find("prompt")) content(*prompt, Channel::user);
    TRY(messages(root, "messages", Channel::user));
    return messages(root, "input", root.find("encoding_format") || root.find("dimensions") ? Channel::data : Channel::user);
  }

 private:
  Result<void> messages(const json::Value& root, std::string_view key, Channel plain) {
    const auto list = root.find(key);
    if (!list) return {};
    if (list->is(json::Type::string)) {
      ++out_.messages;
      content(*list, plain);
      return {};
    }
    if (static_cast<std::int64_t>(list->size() + out_.messages) > limits_.max_messages)
      return client_error(Code::too_large, "the request holds more messages than the limit allows");
    for (const json::Value& item : *list) {
      if (item.is(json::Type::object))
        message(item);
      else
        content(item, plain);
      ++out_.messages;
    }
    return {};
  }

  void message(const json::Value& item) {
    const std::string_view type = item.text("type");
    const Channel channel = type.ends_with("_call_output") ? Channel::data
                            : type.ends_with("_call")      ? Channel::assistant
                                                           : channel_of(item.text("role"));
    if (const auto found = item.find("content")) content(*found, channel);
    if (const auto output = item.find("output")) content(*output, Channel::data);
    tool_arguments(item);
    if (const auto calls = item.find("tool_calls"))
      for (const json::Value& call : *calls)
        if (const auto function = call.find("function")) tool_arguments(*function);
    if (const auto function = item.find("function_call")) tool_arguments(*function);
  }

  void tool_arguments(const json::Value& call) {
    if (const auto arguments = call.find("arguments"); arguments && arguments->is(json::Type::string))
      add(arguments->string(), Channel::assistant, true);
  }

  /// A text, or a list of parts; a part may hold content of its own (a tool result).
  void content(const json::Value& value, Channel channel) {
    if (value.is(json::Type::string)) add(value.string(), channel, false);
    if (value.is(json::Type::array))
      for (const json::Value& part : value) content(part, channel);
    if (!value.is(json::Type::object)) return;
    const std::string_view type = value.text("type");
    const Channel inner =
        type == "tool_result" || type == "document" || type == "search_result" || type == "file" ? Channel::data : channel;
    if (type.ends_with("tool_use")) {
      if (const auto input = value.find("input")) strings(*input, Channel::assistant);
      return;
    }
    for (const std::string_view key : {"text", "content", "source", "title", "context", "data", "refusal", "thinking"})
      if (const auto found = value.find(key); found && !(key == "data" && value.text("type") == "base64")) content(*found, inner);
  }

  void strings(const json::Value& value, Channel channel) {
    if (value.is(json::Type::string))
      add(value.string(), channel, true);
    else if (value.size() > 0)
      for (const json::Value& each : value) strings(each, channel);
  }

  void add(std::string_view text, Channel channel, bool tool_argument) {
    if (!text.empty()) out_.parts.push_back({channel, tool_argument, out_.messages, text});
  }

  Conversation& out_;
  const RequestLimits& limits_;
};

}  // namespace

std::string Conversation::opening() const {
  std::string text;
  for (const Part& part : parts) {
    text.append(to_string(part.channel)).push_back('\0');
    text.append(part.text).push_back('\0');
    if (part.channel == Channel::user) break;
  }
  return text;
}

const Part* Conversation::system() const {
  const auto found = std::find_if(parts.begin(), parts.end(), [](const Part& part) { return part.channel == Channel::system; });
  return found == parts.end() ? nullptr : &*found;
}

std::string Conversation::instructions() const {
  std::string text;
  for (const Part& part : parts)
    if (part.channel == Channel::system) text.append(part.text).push_back('\n');
  return text;
}

Result<Conversation> read_conversation(const json::Document& document, const RequestLimits& limits) {
  if (!document.root().is(json::Type::object)) return client_error(Code::invalid, "the request's body is not a JSON object");
  Conversation conversation;
  TRY(Collector(conversation, limits).root(document.root()));
  return conversation;
}

}  // namespace bulwark::chat
