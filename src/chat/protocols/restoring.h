// Puts originals back into the model's reply: into a whole JSON document, or into a stream of server-sent events where a
// surrogate may be split over any number of chunks and delta events.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "chat/pii/pseudonyms.h"
#include "chat/protocols/transcribe.h"
#include "gateway/exchange.h"
#include "wire/sse/sse.h"

namespace bulwark::chat {

/// A whole reply. A body that is no JSON is restored as plain text.
std::string restore_reply(const pii::SurrogateIndex& index, std::string_view body);

/// A reply as server-sent events. Each text that grows by deltas (a choice's content, a tool call's arguments …) is a channel;
/// what a channel holds back leaves before the event that ends it.
class StreamRestorer final : public gateway::BodyFilter {
 public:
  static constexpr std::size_t kMaxChannels = 4'096;

  explicit StreamRestorer(std::shared_ptr<const pii::Pseudonyms> pseudonyms) : pseudonyms_(std::move(pseudonyms)) {}
  Result<void> feed(std::string_view chunk, bool last, std::string& out) override;

 private:
  friend class DeltaRewriter;
  struct Channel {
    pii::Restorer restorer;
    std::string before;  ///< an event that carries only this channel's text is before + escaped text + after
    std::string after;
    std::string event_type;
  };
  Result<void> event(const sse::Item& item, std::string& out);
  /// Writes what the channels below `prefix` still hold, as events of their own.
  void flush(std::string_view prefix, std::string& out);

  std::shared_ptr<const pii::Pseudonyms> pseudonyms_;
  sse::Decoder decoder_;
  std::map<std::string, Channel, std::less<>> channels_;
};

/// A reply in any other type of text.
class PlainRestorer final : public gateway::BodyFilter {
 public:
  explicit PlainRestorer(std::shared_ptr<const pii::Pseudonyms> pseudonyms) : pseudonyms_(std::move(pseudonyms)) {}
  Result<void> feed(std::string_view chunk, bool last, std::string& out) override {
    restorer_.feed(pseudonyms_->index(), chunk, last, out);
    return {};
  }

 private:
  std::shared_ptr<const pii::Pseudonyms> pseudonyms_;
  pii::Restorer restorer_;
};

}  // namespace bulwark::chat
