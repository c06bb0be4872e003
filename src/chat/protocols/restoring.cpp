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

/// Token by token a surrogate cannot be put back, and what a guard holds or takes out must not leave beside the text.
bool is_logprobs(const Path& path, const json::Value& value) { return path.key() == "logprobs" && value.is(json::Type::object); }

class ReplyRewriter final : public Rewriter {
 public:
  ReplyRewriter(const pii::SurrogateIndex& index, output::Watch* watch, budgets::Meter* meter)
      : index_(index), watch_(watch), meter_(meter) {}
  Result<bool> text(const Path& path, std::string_view value, bool is_name, std::string& out) override {
    if (meter_ != nullptr && !is_name && is_prose(path)) meter_->said(value.size());
    const auto escape = holds_json(path.key(), {}) ? pii::Escape::json : pii::Escape::none;
    TextPipe(is_name || !is_prose(path) ? nullptr : watch_, escape).feed(index_, value, true, out);
    changed_ |= out != value;
    return true;
  }
  Result<bool> number(std::string_view digits, std::string& out) override {
    restore_number(index_, digits, out);
    return true;
  }
  bool drops(const Path& path, const json::Value& value) override { return (changed_ || !index_.empty()) && is_logprobs(path, value); }

  static void restore_number(const pii::SurrogateIndex& index, std::string_view digits, std::string& out) {
    const pii::SurrogateIndex::Match match = index.match(digits);
    out.append(match.length == digits.size() ? match.original : digits);
  }

 private:
  const pii::SurrogateIndex& index_;
  output::Watch* watch_;
  budgets::Meter* meter_;
  bool changed_ = false;
};

}  // namespace

bool is_prose(const Path& path) {
  constexpr std::array<std::string_view, 24> kNever = {"id",
                                                       "object",
                                                       "model",
                                                       "role",
                                                       "type",
                                                       "name",
                                                       "finish_reason",
                                                       "stop_reason",
                                                       "stop_sequence",
                                                       "status",
                                                       "service_tier",
                                                       "call_id",
                                                       "tool_call_id",
                                                       "item_id",
                                                       "signature",
                                                       "data",
                                                       "encrypted_content",
                                                       "system_fingerprint",
                                                       "detail",
                                                       "b64_json",
                                                       "format",
                                                       "embedding",
                                                       "mime",
                                                       "media_type"};
  return std::find(kNever.begin(), kNever.end(), path.key()) == kNever.end();
}

/// Feeds each growing text to its channel and treats every other text by itself.
class DeltaRewriter final : public Rewriter {
 public:
  DeltaRewriter(StreamRestorer& filter, const json::Value& root, std::string_view event_type, const std::vector<std::string>& endings)
      : filter_(filter), root_(root), event_type_(event_type), endings_(endings) {}

  Result<bool> text(const Path& path, std::string_view value, bool is_name, std::string& out) override {
    const pii::SurrogateIndex& index = filter_.pseudonyms_->index();
    output::Watch* const watch = is_name || !is_prose(path) ? nullptr : filter_.watch_.get();
    if (is_name || !grows(path)) {
      TextPipe(watch, pii::Escape::none).feed(index, value, true, out);
      return true;
    }
    std::string name = channel_name(root_, path);
    auto at = filter_.channels_.find(name);
    if (at == filter_.channels_.end()) {
      if (filter_.channels_.size() == StreamRestorer::kMaxChannels)
        return upstream_error(Code::too_large, "the stream has more parallel texts than the limit allows");
      const auto escape = holds_json(path.key(), root_.text("type")) ? pii::Escape::json : pii::Escape::none;
      at = filter_.channels_.emplace(std::move(name), StreamRestorer::Channel{TextPipe(watch, escape), {}, {}, {}}).first;
      if (escape == pii::Escape::json && watch != nullptr && watch->judges_calls()) at->second.text.keep_whole();
    }
    StreamRestorer::Channel& channel = at->second;
    if (filter_.meter_) filter_.meter_->said(value.size());
    channel.text.feed(index, value, ends(at->first), out);
    changed_ |= out != value;
    if (channel.text.pending()) {
      Spine(path, channel.before, channel.after).write(root_);
      channel.event_type.assign(event_type_);
    }
    return true;
  }
  Result<bool> number(std::string_view digits, std::string& out) override {
    ReplyRewriter::restore_number(filter_.pseudonyms_->index(), digits, out);
    return true;
  }
  bool drops(const Path& path, const json::Value& value) override {
    return (changed_ || !filter_.pseudonyms_->index().empty()) && is_logprobs(path, value);
  }

 private:
  bool ends(std::string_view channel) const {
    return std::any_of(endings_.begin(), endings_.end(), [&](const std::string& prefix) { return channel.starts_with(prefix); });
  }

  StreamRestorer& filter_;
  const json::Value& root_;
  std::string_view event_type_;
  const std::vector<std::string>& endings_;
  bool changed_ = false;
};

bool waits_for_people(std::string_view body, output::Watch& watch) {
  if (!watch.asks_people()) return false;
  if (const auto document = json::Document::parse(body); document.ok()) watch.judge(tools::whole_calls(document->root()));
  return watch.waits_for_people();
}

std::string restore_reply(const pii::SurrogateIndex& index, std::string_view body, output::Watch* watch, budgets::Meter* meter) {
  const auto plain = [&] {
    std::string out;
    TextPipe(watch, pii::Escape::none).feed(index, body, true, out);
    return out;
  };
  const auto document = json::Document::parse(body);
  if (!document.ok()) return plain();
  if (watch != nullptr && watch->judges_calls()) watch->judge(tools::whole_calls(document->root()));
  if (meter != nullptr) meter->saw(document->root());
  ReplyRewriter rewriter(index, watch, meter);
  std::string out;
  json::Writer writer(out);
  return transcribe(document->root(), rewriter, writer).ok() ? out : plain();
}

void StreamRestorer::flush(std::string_view prefix, std::string& out) {
  for (auto& [name, channel] : channels_) {
    if (!name.starts_with(prefix) || !channel.text.pending()) continue;
    std::string rest;
    channel.text.feed(pseudonyms_->index(), {}, true, rest);
    if (rest.empty()) continue;
    std::string quoted;
    json::append_string(quoted, rest);
    const std::string data = channel.before + quoted.substr(1, quoted.size() - 2) + channel.after;
    sse::append(out, {.type = channel.event_type, .data = data, .has_data = true});
  }
}

Result<void> StreamRestorer::object(const sse::Item& item, const json::Value& root, std::string& out) {
  ending_.saw(root);
  if (meter_) meter_->saw(root);
  if (watch_ && watch_->judges_calls()) {
    watch_->judge(TRY(calls_.take(root)));
    if (watch_->waits_for_people())
      held_ = Held{std::string(item.type), std::string(item.data), std::string(item.id), std::string(item.retry), item.has_id};
  }
  if (blocked() || held_) return {};
  return pass(item, root, out);
}

Result<void> StreamRestorer::pass_held(std::string& out) {
  const Held held = *std::exchange(held_, std::nullopt);
  const auto document = TRY(json::Document::parse(held.data));
  return pass({.type = held.type, .data = held.data, .id = held.id, .retry = held.retry, .has_data = true, .has_id = held.has_id},
              document.root(), out);
}

Result<void> StreamRestorer::pass(const sse::Item& item, const json::Value& root, std::string& out) {
  const std::vector<std::string> ended = endings(root);
  DeltaRewriter rewriter(*this, root, item.type, ended);
  std::string data;
  json::Writer writer(data);
  if (Result<void> done = transcribe(root, rewriter, writer); !done.ok())
    return upstream_error(done.error().code, "an event of the stream: " + done.error().message);
  for (const std::string& prefix : ended) flush(prefix, out);
  if (blocked()) return {};
  ending_.sent(root);
  sse::Item restored = item;
  restored.data = data;
  sse::append(out, restored);
  return {};
}

/// "[DONE]", or nothing we know: whatever waits goes first.
void StreamRestorer::other(const sse::Item& item, std::string& out) {
  flush({}, out);
  std::string data;
  TextPipe(item.data == "[DONE]" ? nullptr : watch_.get(), pii::Escape::none).feed(pseudonyms_->index(), item.data, true, data);
  if (blocked()) return;
  sse::Item restored = item;
  restored.data = data;
  sse::append(out, restored);
}

Result<void> StreamRestorer::event(const sse::Item& item, std::string& out) {
  const auto document = json::Document::parse(item.data);
  if (document.ok() && document->root().is(json::Type::object))
    TRY(object(item, document->root(), out));
  else
    other(item, out);
  return {};
}

Result<void> StreamRestorer::feed(std::string_view chunk, bool last, std::string& out) {
  if (done_) return {};
  decoder_.push(chunk);
  last_ |= last;
  if (last) decoder_.finish();
  if (held_ && watch_->waits_for_people()) return {};
  if (held_ && !blocked()) TRY(pass_held(out));
  if (blocked()) held_.reset();
  sse::Item item;
  while (!blocked() && !held_ && TRY(decoder_.next(item))) {
    if (item.kind == sse::Item::Kind::event && item.has_data)
      TRY(event(item, out));
    else
      sse::append(out, item);
  }
  if (last_ && !held_ && !blocked()) flush({}, out);
  if (blocked()) {
    ending_.write(out);
    done_ = true;
  }
  return {};
}

}  // namespace bulwark::chat
