// Chunked bodies: the first byte says how the rest is cut; the cut must make no difference to the body, the end or the refusal.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/http/chunked.h"

namespace {

using bulwark::http::ChunkedDecoder;

struct Decoded {
  std::string body;
  std::size_t consumed = 0;
  ChunkedDecoder::State state = ChunkedDecoder::State::more;
  std::string_view rule;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view text, std::size_t piece) {
  ChunkedDecoder decoder;
  Decoded out;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    std::string_view part = text.substr(at, piece);
    ChunkedDecoder::Step step;
    do {
      step = decoder.next(part);
      part.remove_prefix(step.consumed);
      out.consumed += step.consumed;
      out.body.append(step.data);
    } while (step.state == ChunkedDecoder::State::data);
    out.state = step.state;
    if (step.state != ChunkedDecoder::State::more) break;
  }
  if (out.state == ChunkedDecoder::State::refused) out.rule = decoder.refusal().rule;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Decoded whole = decode(text, std::max<std::size_t>(text.size(), 1));
  if (whole != decode(text, 1 + data[0] % 16)) std::abort();
  if (whole.body.size() > text.size()) std::abort();
  return 0;
}
