// The tool calls in an answer, of all dialects: whole ones wherever they stand, and those that a stream hands out in pieces.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/json/reader.h"

namespace bulwark::chat::tools {

struct Call {
  std::string name;
  std::string arguments;  ///< JSON text
  bool whole = true;      ///< false: only the name is known yet
};

/// Calls that stand whole in a document: OpenAI's function and custom calls, Anthropic's tool_use blocks. At most kMaxCalls.
std::vector<Call> whole_calls(const json::Value& root);
inline constexpr std::size_t kMaxCalls = 1'024;

class StreamedCalls {
 public:
  static constexpr std::size_t kMaxOpen = 256;
  static constexpr std::size_t kMaxArguments = 1024 * 1024;  ///< bytes of one call

  /// What an event of the stream begins (whole = false) or completes. Errors, origin upstream: `too_large` past a limit.
  Result<std::vector<Call>> take(const json::Value& root);

 private:
  using Key = std::pair<std::int64_t, std::int64_t>;  ///< choice or output or block, and the call in it
  Result<void> chat(const json::Value& root, std::vector<Call>& out);
  Result<void> deltas(std::int64_t choice, const json::Value& part, std::vector<Call>& out);
  Result<void> delta(const Key& key, const json::Value& function, std::vector<Call>& out);
  Result<void> append(Call& call, std::string_view piece);
  void close(std::int64_t group, std::vector<Call>& out);
  std::map<Key, Call> open_;
};

}  // namespace bulwark::chat::tools
