// Keeps from the stream what its last events must repeat: ids, the model, what is still open.
#include "chat/protocols/ending.h"

#include "wire/json/writer.h"
#include "wire/sse/sse.h"

namespace bulwark::chat {

namespace {

std::int64_t integer(const json::Value& object, std::string_view key, std::int64_t otherwise) {
  const auto value = object.find(key);
  return value && value->integer() ? *value->integer() : otherwise;
}

void keep(std::string& kept, std::string_view value) {
  constexpr std::size_t kMaxKept = 256;
  if (!value.empty() && value.size() <= kMaxKept) kept = value;
}

void append(std::string& out, std::string_view type, std::string_view data) {
  sse::append(out, {.type = type, .data = data, .has_data = true});
}

}  // namespace

void StreamEnding::saw_chat(const json::Value& root) {
  kind_ = Kind::chat;
  keep(id_, root.text("id"));
  keep(object_, root.text("object"));
  keep(model_, root.text("model"));
  created_ = integer(root, "created", created_);
  std::int64_t position = 0;
  const json::Value choices = *root.find("choices");
  for (const json::Value& choice : choices)
    if (open_.size() < kMaxOpen) open_.insert(integer(choice, "index", position++));
}

void StreamEnding::saw(const json::Value& root) {
  const std::string_view type = root.text("type");
  if (root.find("choices")) return saw_chat(root);
  if (type.starts_with("response.")) {
    kind_ = Kind::responses;
    sequence_ = integer(root, "sequence_number", sequence_);
    if (const auto response = root.find("response")) {
      keep(id_, response->text("id"));
      keep(model_, response->text("model"));
      created_ = integer(*response, "created_at", created_);
    }
  } else if (type == "message_start" || type.starts_with("content_block")) {
    kind_ = Kind::messages;
    if (type == "content_block_start" && open_.size() < kMaxOpen) open_.insert(integer(root, "index", 0));
  }
}

void StreamEnding::sent(const json::Value& root) {
  if (root.text("type") == "content_block_stop") open_.erase(integer(root, "index", 0));
  const auto choices = root.find("choices");
  if (!choices) return;
  std::int64_t position = 0;
  for (const json::Value& choice : *choices) {
    const std::int64_t index = integer(choice, "index", position++);
    const auto reason = choice.find("finish_reason");
    if (reason && !reason->is(json::Type::null)) open_.erase(index);
  }
}

void StreamEnding::write(std::string& out) const {
  switch (kind_) {
    case Kind::chat: return write_chat(out);
    case Kind::responses: return write_responses(out);
    case Kind::messages: return write_messages(out);
    case Kind::unknown: return append(out, {}, "[DONE]");
  }
}

void StreamEnding::write_chat(std::string& out) const {
  const bool text = object_ == "text_completion";
  std::string data;
  json::Writer writer(data);
  writer.begin_object().field("id", id_).field("object", object_.empty() ? "chat.completion.chunk" : object_);
  writer.field("created", created_).field("model", model_).key("choices").begin_array();
  for (const std::int64_t index : open_) {
    writer.begin_object().field("index", index);
    if (text)
      writer.field("text", "");
    else
      writer.key("delta").begin_object().end_object();
    writer.key("logprobs").null().field("finish_reason", "content_filter").end_object();
  }
  writer.end_array().end_object();
  append(out, {}, data);
  append(out, {}, "[DONE]");
}

void StreamEnding::write_responses(std::string& out) const {
  std::string data;
  json::Writer writer(data);
  writer.begin_object().field("type", "response.incomplete").field("sequence_number", sequence_ + 1);
  writer.key("response").begin_object().field("id", id_).field("object", "response").field("created_at", created_);
  writer.field("status", "incomplete").key("error").null();
  writer.key("incomplete_details").begin_object().field("reason", "content_filter").end_object();
  writer.field("model", model_).key("output").begin_array().end_array().end_object().end_object();
  append(out, "response.incomplete", data);
}

void StreamEnding::write_messages(std::string& out) const {
  for (const std::int64_t index : open_) {
    std::string data;
    json::Writer(data).begin_object().field("type", "content_block_stop").field("index", index).end_object();
    append(out, "content_block_stop", data);
  }
  std::string data;
  json::Writer writer(data);
  writer.begin_object().field("type", "message_delta").key("delta").begin_object().field("stop_reason", "refusal");
  writer.key("stop_sequence").null().end_object();
  writer.key("usage").begin_object().field("output_tokens", 0).end_object().end_object();
  append(out, "message_delta", data);
  append(out, "message_stop", R"({"type":"message_stop"})");
}

}  // namespace bulwark::chat
