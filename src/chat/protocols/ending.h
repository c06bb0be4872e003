// How a stream is ended before the model was done, in the words of its own protocol, so that every SDK ends its turn cleanly:
// finish_reason "content_filter" (OpenAI chat), response.incomplete (OpenAI responses), stop_reason "refusal" (Anthropic).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "wire/json/reader.h"

namespace bulwark::chat {

class StreamEnding {
 public:
  static constexpr std::size_t kMaxOpen = 4'096;

  /// Every event of the stream, before it is sent on; `sent` when it was.
  void saw(const json::Value& root);
  void sent(const json::Value& root);
  /// Appends the last events.
  void write(std::string& out) const;

 private:
  enum class Kind : std::uint8_t { unknown, chat, responses, messages };
  void saw_chat(const json::Value& root);
  void write_chat(std::string& out) const;
  void write_responses(std::string& out) const;
  void write_messages(std::string& out) const;

  Kind kind_ = Kind::unknown;
  std::string id_;
  std::string object_;
  std::string model_;
  std::int64_t created_ = 0;
  std::int64_t sequence_ = -1;
  std::set<std::int64_t> open_;  ///< choices without a finish_reason, or content blocks without a stop
};

}  // namespace bulwark::chat
