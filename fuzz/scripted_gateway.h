// A whole gateway in the fuzzer's own thread: real sockets on loopback, real TLS, a clock that moves only when told to. One client
// plays a script; the app behind takes every request apart with the strict parser, so that whatever reaches it has one reading.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bulwark::fuzz {

/// What the client does next, once everything that the last step caused has come to rest.
struct Step {
  enum class Kind : std::uint8_t { send, pause, answer, half_close };
  Kind kind = Kind::send;
  std::string bytes;                  ///< send: to the gateway; answer: what the app says to every later request
  std::chrono::milliseconds pause{};  ///< how much time passes
};
using Script = std::vector<Step>;

enum class Version : std::uint8_t { http1, http2 };

/// Plays the script against a gateway of its own, leaves, and checks what must hold at the end: no connection and no request is
/// left, whatever came. Paths under /whole are inspected whole, /filter is rewritten on its way, /wait lets a stage wait.
void play(const Script& script, Version version);

/// Cuts fuzzed bytes into parts: a kind, a size, and as many bytes as there are.
class Parts {
 public:
  explicit Parts(std::span<const std::uint8_t> bytes) : left_(bytes) {}
  bool empty() const { return left_.empty(); }
  std::uint8_t byte();
  std::string text(std::size_t most);

 private:
  std::span<const std::uint8_t> left_;
};

}  // namespace bulwark::fuzz
