// OpenAI: usage{prompt_tokens, completion_tokens}. Responses and Anthropic: usage{input_tokens, output_tokens}, inside "response"
// or "message" when streamed; counts only grow within a reply, so the largest seen is the last.
#include "chat/budgets/meter.h"

#include <algorithm>

namespace bulwark::chat::budgets {

namespace {

constexpr std::size_t kBytesPerToken = 4;

std::int64_t count(const json::Value& usage, std::string_view key) {
  const auto value = usage.find(key);
  return value ? std::clamp<std::int64_t>(value->integer().value_or(0), 0, Meter::kMostTokens) : 0;
}

}  // namespace

std::int64_t estimated_tokens(std::size_t bytes) { return static_cast<std::int64_t>((bytes + kBytesPerToken - 1) / kBytesPerToken); }

void Meter::take(const json::Value& usage) {
  std::int64_t input = std::max(count(usage, "prompt_tokens"), count(usage, "input_tokens"));
  // What Anthropic reads from or writes to its cache is not among input_tokens.
  input += count(usage, "cache_read_input_tokens") + count(usage, "cache_creation_input_tokens");
  input_ = std::max(input_, std::min(input, kMostTokens));
  output_ = std::max({output_, count(usage, "completion_tokens"), count(usage, "output_tokens")});
}

void Meter::saw(const json::Value& root) {
  if (const auto usage = root.find("usage")) take(*usage);
  for (const std::string_view envelope : {"response", "message"})
    if (const auto inner = root.find(envelope))
      if (const auto usage = inner->find("usage")) take(*usage);
}

Usage Meter::usage() const {
  const bool told = input_ > 0 || output_ > 0;
  // A stream that broke off told the beginning only: what it said counts all the same.
  const std::int64_t said = std::min(estimated_tokens(said_), kMostTokens);
  if (!told) return {estimated_tokens(prompt_bytes_), said, true};
  return {input_ > 0 ? input_ : estimated_tokens(prompt_bytes_), output_ > 1 ? output_ : std::max(output_, said), false};
}

}  // namespace bulwark::chat::budgets
