// A model's stream, hostile to us or merely broken: every cut into chunks gives the same output, and no live surrogate is in it
// that was not split by the model itself over different texts.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "chat/protocols/restoring.h"

using namespace bulwark;
using namespace bulwark::chat;

namespace {

/// Short surrogates, so that the fuzzer can write them.
std::shared_ptr<pii::Pseudonyms> pseudonyms() {
  auto made = std::make_shared<pii::Pseudonyms>(pii::derive({}, "fuzz", "k"));
  for (const char* value : {"jane@acme.io", "joe@acme.io"}) (void)made->of(pii::Kind::email, value);
  (void)made->of(pii::Kind::ip, "203.0.113.7");
  return made;
}

std::string run(std::string_view stream, std::size_t chunk) {
  static const std::shared_ptr<pii::Pseudonyms> shared = pseudonyms();
  const auto meter = std::make_shared<budgets::Meter>(stream.size());
  StreamRestorer restorer(shared, nullptr, meter);
  std::string out;
  while (!stream.empty()) {
    const std::size_t size = std::min(chunk, stream.size());
    if (!restorer.feed(stream.substr(0, size), false, out).ok()) return out + "!";
    stream.remove_prefix(size);
  }
  if (!restorer.feed({}, true, out).ok()) return out + "!";
  if (const budgets::Usage usage = meter->usage(); usage.input < 0 || usage.output < 0 || usage.output > budgets::Meter::kMostTokens)
    abort();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (run(stream, 1 + data[0] % 32) != run(stream, stream.size() + 1)) abort();
  return 0;
}
