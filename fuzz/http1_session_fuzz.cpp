// Whole HTTP/1.1 connections: any bytes in any pieces and pauses from the client, any bytes as the app's answer.
// Input: parts of a kind, a size and its bytes. Kind modulo 8: 0 to 4 send, 5 pause (size × 250 ms), 6 the app's answer, 7 half-close.
#include "scripted_gateway.h"

namespace {

constexpr std::size_t kMaxSteps = 64;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark::fuzz;
  Parts parts({data, size});
  Script script;
  while (!parts.empty() && script.size() < kMaxSteps) {
    const unsigned kind = parts.byte() % 8;
    const std::uint8_t length = parts.byte();
    if (kind < 5)
      script.push_back({.kind = Step::Kind::send, .bytes = parts.text(length)});
    else if (kind == 5)
      script.push_back({.kind = Step::Kind::pause, .pause = length * std::chrono::milliseconds(250)});
    else if (kind == 6)
      script.push_back({.kind = Step::Kind::answer, .bytes = parts.text(length)});
    else
      script.push_back({.kind = Step::Kind::half_close});
  }
  play(script, Version::http1);
  return 0;
}
