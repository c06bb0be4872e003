// The model's reply on its way to the client: the output guards look at its texts and originals are put back, in a whole JSON
// document or in a stream of server-sent events, where either may be split over any number of chunks and delta events.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "chat/budgets/meter.h"
#include "chat/pii/pseudonyms.h"
#include "chat/protocols/ending.h"
#include "chat/protocols/text_pipe.h"
#include "chat/protocols/transcribe.h"
#include "gateway/exchange.h"
#include "wire/sse/sse.h"

namespace bulwark::chat {

using SharedWatch = std::shared_ptr<output::Watch>;
using SharedMeter = std::shared_ptr<budgets::Meter>;

/// A whole reply. A body that is no JSON is restored as plain text. `watch` may be nullptr; what it blocked must not be sent.
/// `meter` (may be nullptr) counts what it cost.
std::string restore_reply(const pii::SurrogateIndex& index, std::string_view body, output::Watch* watch = nullptr,
                          budgets::Meter* meter = nullptr);

/// Whether a whole reply holds a tool call that people have not decided about; asks them at the first time.
bool waits_for_people(std::string_view body, output::Watch& watch);

/// A reply as server-sent events. Each text that grows by deltas (a choice's content, a tool call's arguments …) is a channel;
/// what a channel holds back leaves before the event that ends it.
class StreamRestorer final : public gateway::BodyFilter {
 public:
  static constexpr std::size_t kMaxChannels = 4'096;

  explicit StreamRestorer(std::shared_ptr<const pii::Pseudonyms> pseudonyms, SharedWatch watch = nullptr, SharedMeter meter = nullptr)
      : pseudonyms_(std::move(pseudonyms)), watch_(std::move(watch)), meter_(std::move(meter)) {}
  Result<void> feed(std::string_view chunk, bool last, std::string& out) override;
  bool done() const override { return done_; }
  bool waiting() const override { return held_.has_value(); }

 private:
  friend class DeltaRewriter;
  struct Channel {
    TextPipe text;
    std::string before;  ///< an event that carries only this channel's text is before + escaped text + after
    std::string after;
    std::string event_type;
  };
  Result<void> event(const sse::Item& item, std::string& out);
  Result<void> object(const sse::Item& item, const json::Value& root, std::string& out);
  Result<void> pass(const sse::Item& item, const json::Value& root, std::string& out);
  Result<void> pass_held(std::string& out);
  void other(const sse::Item& item, std::string& out);
  bool blocked() const { return watch_ && watch_->blocked() != nullptr; }
  /// Writes what the channels below `prefix` still hold, as events of their own.
  void flush(std::string_view prefix, std::string& out);

  std::shared_ptr<const pii::Pseudonyms> pseudonyms_;
  SharedWatch watch_;
  SharedMeter meter_;
  StreamEnding ending_;
  tools::StreamedCalls calls_;
  bool done_ = false;
  bool last_ = false;
  struct Held {
    std::string type, data, id, retry;
    bool has_id = false;
  };
  std::optional<Held> held_;  ///< the event with a call that people have not decided about; what follows waits in the decoder
  sse::Decoder decoder_;
  std::map<std::string, Channel, std::less<>> channels_;
};

/// A reply in any other type of text.
class PlainRestorer final : public gateway::BodyFilter {
 public:
  explicit PlainRestorer(std::shared_ptr<const pii::Pseudonyms> pseudonyms, SharedWatch watch = nullptr, SharedMeter meter = nullptr)
      : pseudonyms_(std::move(pseudonyms)), watch_(std::move(watch)), meter_(std::move(meter)), text_(watch_.get(), pii::Escape::none) {}
  Result<void> feed(std::string_view chunk, bool last, std::string& out) override {
    if (meter_) meter_->said(chunk.size());
    if (!done()) text_.feed(pseudonyms_->index(), chunk, last, out);
    return {};
  }
  bool done() const override { return watch_ && watch_->blocked() != nullptr; }

 private:
  std::shared_ptr<const pii::Pseudonyms> pseudonyms_;
  SharedWatch watch_;
  SharedMeter meter_;
  TextPipe text_;
};

}  // namespace bulwark::chat
