// HTTP/2 header blocks, as "name\0value\0" pairs: what is taken can be read again by no HTTP/1.1 parser in another way.
#include <string>
#include <vector>

#include "base/check.h"
#include "gateway/edge/http2_head.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const http::HeadLimits limits{};
  std::string_view left(reinterpret_cast<const char*>(data), size);
  gateway::Http2RequestHead head;
  std::size_t regular = 0;
  const auto cut = [&left] {
    const std::size_t end = std::min(left.find('\0'), left.size());
    const std::string_view part = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    return part;
  };
  while (!left.empty()) {
    const std::string_view name = cut();
    const std::string_view value = cut();
    regular += name.starts_with(':') ? 0 : 1;
    head.add(name, value, limits);
  }
  http::RequestHead out;
  if (head.finish(limits, out)) return 0;
  CHECK(out.fields.size() <= regular + 1 && out.body != http::BodyKind::chunked && !out.websocket);
  for (const auto& field : out.fields) CHECK(http::is_token(field.name) && http::is_field_value(field.value));
  return 0;
}
