// Whole HTTP/2 connections over TLS: frames in any order, number and state from the client, any bytes as the app's answer.
// Input: an options byte, then parts of a kind, flags, a stream and a size with its bytes. Kinds 0 to 9 are frame types (RFC 9113 §6),
// whose length is made right so that HPACK and the states behind it are reached; the others are named below.
#include <array>
#include <utility>

#include "scripted_gateway.h"

namespace {

using namespace bulwark::fuzz;

constexpr std::size_t kMaxSteps = 64;
constexpr std::size_t kMaxBytes = 256 * 1024;  // of one step: enough for every flood limit

/// `repeat`: the last part, or with flag 2 the last two, so many × 8 times more; with flag 1 each time on the client's next stream.
enum Kind : std::uint8_t { raw = 10, pause = 11, answer = 12, half_close = 13, repeat = 14, kinds = 15 };

struct Part {
  std::uint8_t kind = raw;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string bytes;
};

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string out;
  for (const std::size_t each : {payload.size() >> 16, payload.size() >> 8, payload.size(), std::size_t(type), std::size_t(flags)})
    out.push_back(static_cast<char>(each));
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(stream >> shift));
  return out.append(payload);
}

std::string written(const Part& part, std::uint32_t further) {
  return part.kind == raw ? part.bytes : frame(part.kind, part.flags, part.stream + further, part.bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Parts parts({data, size});
  Script script;
  std::string sent;
  if ((parts.byte() & 1) == 0) sent = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "");
  std::array<Part, 2> last;
  const auto rest = [&] {
    if (!sent.empty()) script.push_back({.kind = Step::Kind::send, .bytes = std::exchange(sent, {})});
  };
  while (!parts.empty() && script.size() < kMaxSteps) {
    Part part{.kind = static_cast<std::uint8_t>(parts.byte() % kinds), .flags = parts.byte(), .stream = parts.byte()};
    const std::uint8_t length = parts.byte();
    if (part.kind == repeat) {
      for (std::uint32_t i = 1; i <= length * 8U && sent.size() < kMaxBytes; ++i)
        for (std::size_t each = (part.flags & 2) != 0 ? 0 : 1; each < last.size(); ++each)
          sent += written(last[each], (part.flags & 1) != 0 ? 2 * i : 0);
      continue;
    }
    if (part.kind < pause) {
      part.bytes = parts.text(length);
      sent += written(part, 0);
      last[0] = std::exchange(last[1], std::move(part));
      continue;
    }
    rest();
    if (part.kind == pause)
      script.push_back({.kind = Step::Kind::pause, .pause = length * std::chrono::milliseconds(250)});
    else if (part.kind == answer)
      script.push_back({.kind = Step::Kind::answer, .bytes = parts.text(length)});
    else
      script.push_back({.kind = Step::Kind::half_close});
  }
  rest();
  play(script, Version::http2);
  return 0;
}
