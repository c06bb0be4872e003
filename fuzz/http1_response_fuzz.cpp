// Response heads and what they say about the body: no input may be read as two framings at once.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/http/head.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark::http;
  if (size == 0) return 0;
  const bool to_head = (data[0] & 1) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const HeadLimits limits{.max_bytes = 2048, .max_fields = 16};
  HeadScanner scanner(HeadScanner::Kind::response);
  if (scanner.scan(text, limits) != HeadScanner::State::complete) return 0;
  ResponseHead head;
  if (parse_response_head(text.substr(0, scanner.size()), to_head, limits, head)) return 0;
  std::size_t lengths = 0;
  std::size_t codings = 0;
  for (const Field& field : head.fields) {
    lengths += field.known == KnownField::content_length ? 1 : 0;
    codings += field.known == KnownField::transfer_encoding ? 1 : 0;
  }
  if (lengths + codings > 1) std::abort();
  if ((to_head || head.status < 200 || head.status == 204 || head.status == 304) && head.body != BodyKind::none) std::abort();
  if (head.status == 101 && !head.websocket) std::abort();
  return 0;
}
