// The event-stream decoder: the first byte cuts the rest into chunks; every cut must give the same items, and what the encoder
// writes must read back as them.
#include "wire/sse/sse.h"

#include <cstdint>
#include <cstdlib>
#include <string>

using namespace bulwark;

namespace {

constexpr std::size_t kMaxEvent = 4096;

std::string decode(std::string_view stream, std::size_t chunk, std::string* encoded) {
  sse::Decoder decoder(kMaxEvent);
  std::string seen;
  for (bool done = false; !done;) {
    const std::size_t size = std::min(chunk, stream.size());
    decoder.push(stream.substr(0, size));
    stream.remove_prefix(size);
    if (stream.empty()) decoder.finish(), done = true;
    for (sse::Item item;;) {
      const auto more = decoder.next(item);
      if (!more.ok()) return seen + "!";
      if (!*more) break;
      seen += std::to_string(static_cast<int>(item.kind)) + "|" + std::string(item.type) + "|" + std::string(item.data) + "|" +
              std::string(item.id) + "|" + std::string(item.retry) + (item.has_data ? "D" : "-") + (item.has_id ? "I\n" : "-\n");
      if (encoded) sse::append(*encoded, item);
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > kMaxEvent / 2) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string encoded;
  const std::string whole = decode(stream, stream.size() + 1, &encoded);
  if (decode(stream, 1 + data[0] % 16, nullptr) != whole) abort();
  if (decode(encoded, encoded.size() + 1, nullptr) != whole) abort();
  return 0;
}
