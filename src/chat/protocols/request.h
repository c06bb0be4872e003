// A model request as the guards see it: its texts with the channel each came through, whatever the API's dialect.
// Reads OpenAI chat completions, completions, responses and embeddings, and Anthropic messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "chat/mode.h"
#include "chat/settings.h"
#include "wire/json/reader.h"

namespace bulwark::chat {

enum class Dialect : std::uint8_t { openai, anthropic };

/// By the path's end: ".../v1/messages" is Anthropic's, everything else is taken for OpenAI's.
Dialect dialect_of(std::string_view path);

struct Part {
  Channel channel = Channel::user;
  bool tool_argument = false;  ///< a tool call's arguments, as text
  std::size_t message = 0;     ///< its number in the request
  std::string_view text;       ///< lives as long as the document
};

struct Conversation {
  std::vector<Part> parts;
  std::size_t messages = 0;
  bool stream = false;
  std::string_view model;

  /// What stays the same from turn to turn: everything up to and with the first thing the user said.
  std::string opening() const;
  /// The first of the operator's own instructions, or nullptr; and all of them.
  const Part* system() const;
  std::string instructions() const;
};

/// Errors, origin client: `invalid` if this is no object or has a shape that hides text from the guards, `too_large` past the
/// limits. Views in the conversation point into `document`.
Result<Conversation> read_conversation(const json::Document& document, const RequestLimits& limits);

}  // namespace bulwark::chat
