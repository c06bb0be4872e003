#include "waf/bodies/urlencoded.h"

#include <algorithm>

#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"

namespace bulwark::waf {
namespace {

/// `text` itself if it holds no escape, else decoded into the arena.
std::string_view decoded(std::string_view text, TextArena& arena, bool& invalid) {
  const std::size_t first = find_any<'%', '+'>(text);
  if (first == std::string_view::npos) return text;
  char* const out = arena.allocate(text.size());
  std::size_t size = first;
  std::copy_n(text.data(), first, out);
  for (std::size_t i = first; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
        out[size++] = hex_byte(text[i + 1], text[i + 2]);
        i += 2;
        continue;
      }
      invalid = true;
    }
    out[size++] = text[i] == '+' ? ' ' : text[i];
  }
  arena.shrink(out, size);
  return {out, size};
}

}  // namespace

UrlencodedFlags parse_urlencoded(std::string_view text, char separator, const ArgumentLimits& limits, TextArena& arena,
                                 std::vector<Argument>& out) {
  UrlencodedFlags flags;
  const std::size_t most = out.size() + limits.max_arguments;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (out.size() >= most || arena.bytes() > limits.max_bytes) {
      flags.limit_reached = true;
      return flags;
    }
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = decoded(pair.substr(0, equals), arena, flags.invalid_encoding);
    const std::string_view value = decoded(pair.substr(std::min(equals + 1, pair.size())), arena, flags.invalid_encoding);
    out.push_back({name, value});
  }
  return flags;
}

}  // namespace bulwark::waf
