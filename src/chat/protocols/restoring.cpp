// Protocol knowledge is kept to three facts: texts that grow stand under a key "delta" (or are a choice's "text"), a choice ends
// with a finish_reason, and everything else ends with an event whose type says so.
#include "chat/protocols/restoring.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace bulwark::chat {

namespace {

constexpr std::array<std::string_view, 3> kRootIndices = {"output_index", "content_index", "index"};

/// Texts that are JSON themselves, piece by piece: an original must be escaped to stand in them.
bool holds_json(std::string_view key, std::string_view event_type) {
  return key == "arguments" || key == "partial_json" || event_type.find("arguments") != std::string_view::npos;
}

/// Names and kinds are whole in one event, never grown.
bool grows(const Path& path) {
  const std::string_view leaf = path.key();
  if (leaf == "role" || leaf == "type" || leaf == "id" || leaf == "name" || leaf == "finish_reason" || leaf == "stop_reason") return false;
  if (leaf == "text" && path.steps.size() == 3 && path.steps.front().key == "choices") return true;
  return std::any_of(path.steps.begin(), path.steps.end(), [](const Path::Step& step) { return step.key == "delta"; });
}

std::string root_prefix(const json::Value& root) {
  std::string prefix;
  for (const std::string_view key : kRootIndices)
    if (const auto value = root.find(key); value && value->integer()) prefix += fmt::format("{}.", *value->integer());
  return prefix;
}

/// The element of an array in its own counting: its member "index", or its position.
std::int64_t index_of(const json::Value& element, std::size_t position) {
  if (element.is(json::Type::object))
    if (const auto index = element.find("index"); index && index->integer()) return *index->integer();
  return static_cast<std::int64_t>(position);
}

std::optional<json::Value> step_into(const json::Value& value, const Path::Step& step) {
  if (step.key.data() != nullptr) return value.find(step.key);
  std::size_t position = 0;
  for (const json::Value& each : value)
    if (position++ == step.position) return each;
  return std::nullopt;
}

std::string channel_name(const json::Value& root, const Path& path) {
  std::string name = root_prefix(root);
  std::optional<json::Value> at = root;
  for (const Path::Step& step : path.steps) {
    at = at ? step_into(*at, step) : std::nullopt;
    if (step.key.data() != nullptr)
      name.append(step.key);
    else
      name += fmt::format("{}", at ? index_of(*at, step.position) : static_cast<std::int64_t>(step.position));
    name.push_back('.');
  }
  return name;
}

/// The event again with nothing in it but what leads to one text: scalars of the root (ids, model, type), indices, and nulls.
class Spine {
 public:
  Spine(const Path& path, std::string& before, std::string& after) : path_(path), before_(before), after_(after) {}
  void write(const json::Value& root) {
    std::string text;
    json::Writer writer(text);
    value(root, 0, writer, text);
    before_ = text.substr(0, leaf_);
    after_ = text.substr(leaf_);
  }

 private:
  void value(const json::Value& value, std::size_t depth, json::Writer& writer, const std::string& text) {
    if (depth == path_.steps.size()) {
      writer.value("");
      leaf_ = text.size() - 1;
      return;
    }
    const Path::Step& step = path_.steps[depth];
    if (step.key.data() == nullptr) {
      writer.begin_array();
      if (const auto next = step_into(value, step)) this->value(*next, depth + 1, writer, text);
      writer.end_array();
      return;
    }
    writer.begin_object();
    for (const json::Value& member : value) {
      if (member.name() == step.key) {
        writer.key(member.name());
        this->value(member, depth + 1, writer, text);
      } else if (kept(member, depth)) {
        std::string scalar;
        json::append(scalar, member);
        writer.key(member.name()).raw(scalar);
      }
    }
    writer.end_object();
  }

  bool kept(const json::Value& member, std::size_t depth) const {
    if (member.is(json::Type::object) || member.is(json::Type::array)) return false;
    if (depth == 0 || member.name() == "index" || member.is(json::Type::null)) return true;
    return member.name() == "type" && path_.steps[depth - 1].key == "delta";
  }

  const Path& path_;
  std::string& before_;
  std::string& after_;
  std::size_t leaf_ = 0;
};

/// The channels that an event ends, as prefixes of their names.
std::vector<std::string> endings(const json::Value& root) {
  std::vector<std::string> all;
  const std::string_view type = root.text("type");
  if (type.ends_with("_stop") || type.ends_with(".done"))
    all.push_back(root_prefix(root));
  else if (type == "message_delta" || type == "error" || type == "response.completed" || type == "response.incomplete" ||
           type == "response.failed" || root.find("error"))
    all.emplace_back();
  if (const auto choices = root.find("choices")) {
    std::size_t position = 0;
    for (const json::Value& choice : *choices) {
      const std::int64_t index = index_of(choice, position++);
      if (const auto reason = choice.find("finish_reason"); reason && !reason->is(json::Type::null))
        all.push_back(fmt::format("{}choices.{}.", root_prefix(root), index));
    }
  }
  return all;
}

/// Token by token a surrogate cannot be put back; the log probabilities of a text that was never sent say nothing anyway.
bool drops_logprobs(const Path& path, const json::Value& value) { return path.key() == "logprobs" && value.is(json::Type::object); }

class ReplyRewriter final : public Rewriter {
 public:
  explicit ReplyRewriter(const pii::SurrogateIndex& index) : index_(index) {}
  Result<bool> text(const Path& path, std::string_view value, bool, std::string& out) override {
    pii::Restorer restorer(holds_json(path.key(), {}) ? pii::Escape::json : pii::Escape::none);
    restorer.feed(index_, value, true, out);
    return true;
  }
  Result<bool> number(std::string_view digits, std::string& out) override {
    restore_number(index_, digits, out);
    return true;
  }
  bool drops(const Path& path, const json::Value& value) override { return drops_logprobs(path, value); }

  static void restore_number(const pii::SurrogateIndex& index, std::string_view digits, std::string& out) {
    const pii::SurrogateIndex::Match match = index.match(digits);
    out.append(match.length == digits.size() ? match.original : digits);
  }

 private:
  const pii::SurrogateIndex& index_;
};

}  // namespace

/// Feeds each growing text to its channel and restores every other text by itself.
class DeltaRewriter final : public Rewriter {
 public:
  DeltaRewriter(StreamRestorer& filter, const json::Value& root, std::string_view event_type, const std::vector<std::string>& endings)
      : filter_(filter), root_(root), event_type_(event_type), endings_(endings) {}

  Result<bool> text(const Path& path, std::string_view value, bool is_name, std::string& out) override {
    const pii::SurrogateIndex& index = filter_.pseudonyms_->index();
    if (is_name || !grows(path)) {
      pii::Restorer().feed(index, value, true, out);
      return true;
    }
    std::string name = channel_name(root_, path);
    auto at = filter_.channels_.find(name);
    if (at == filter_.channels_.end()) {
      if (filter_.channels_.size() == StreamRestorer::kMaxChannels)
        return upstream_error(Code::too_large, "the stream has more parallel texts than the limit allows");
      const auto escape = holds_json(path.key(), root_.text("type")) ? pii::Escape::json : pii::Escape::none;
      at = filter_.channels_.emplace(std::move(name), StreamRestorer::Channel{pii::Restorer(escape), {}, {}, {}}).first;
    }
    StreamRestorer::Channel& channel = at->second;
    channel.restorer.feed(index, value, ends(at->first), out);
    if (!channel.restorer.pending().empty()) {
      Spine(path, channel.before, channel.after).write(root_);
      channel.event_type.assign(event_type_);
    }
    return true;
  }
  Result<bool> number(std::string_view digits, std::string& out) override {
    ReplyRewriter::restore_number(filter_.pseudonyms_->index(), digits, out);
    return true;
  }
  bool drops(const Path& path, const json::Value& value) override { return drops_logprobs(path, value); }

 private:
  bool ends(std::string_view channel) const {
    return std::any_of(endings_.begin(), endings_.end(), [&](const std::string& prefix) { return channel.starts_with(prefix); });
  }

  StreamRestorer& filter_;
  const json::Value& root_;
  std::string_view event_type_;
  const std::vector<std::string>& endings_;
};

std::string restore_reply(const pii::SurrogateIndex& index, std::string_view body) {
  const auto document = json::Document::parse(body);
  if (!document.ok()) return pii::restore(index, body);
  ReplyRewriter rewriter(index);
  std::string out;
  json::Writer writer(out);
  return transcribe(document->root(), rewriter, writer).ok() ? out : pii::restore(index, body);
}

void StreamRestorer::flush(std::string_view prefix, std::string& out) {
  for (auto& [name, channel] : channels_) {
    if (!name.starts_with(prefix) || channel.restorer.pending().empty()) continue;
    std::string rest;
    channel.restorer.feed(pseudonyms_->index(), {}, true, rest);
    std::string quoted;
    json::append_string(quoted, rest);
    const std::string data = channel.before + quoted.substr(1, quoted.size() - 2) + channel.after;
    sse::append(out, {.type = channel.event_type, .data = data, .has_data = true});
  }
}

Result<void> StreamRestorer::event(const sse::Item& item, std::string& out) {
  const auto document = json::Document::parse(item.data);
  sse::Item restored = item;
  std::string data;
  if (!document.ok() || !document->root().is(json::Type::object)) {
    flush({}, out);  // "[DONE]", or nothing we know: whatever waits goes first
    data = pii::restore(pseudonyms_->index(), item.data);
  } else {
    const json::Value root = document->root();
    const std::vector<std::string> ended = endings(root);
    DeltaRewriter rewriter(*this, root, item.type, ended);
    json::Writer writer(data);
    if (Result<void> done = transcribe(root, rewriter, writer); !done.ok())
      return upstream_error(done.error().code, "an event of the stream: " + done.error().message);
    for (const std::string& prefix : ended) flush(prefix, out);
  }
  restored.data = data;
  sse::append(out, restored);
  return {};
}

Result<void> StreamRestorer::feed(std::string_view chunk, bool last, std::string& out) {
  decoder_.push(chunk);
  if (last) decoder_.finish();
  sse::Item item;
  while (TRY(decoder_.next(item))) {
    if (item.kind == sse::Item::Kind::event && item.has_data)
      TRY(event(item, out));
    else
      sse::append(out, item);
  }
  if (last) flush({}, out);
  return {};
}

}  // namespace bulwark::chat
