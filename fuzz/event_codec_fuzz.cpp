// The event encoding: whatever decodes encodes to the same bytes again, and nothing else is accepted.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "events/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark::events;
  const auto event = decode({data, size});
  if (!event) return 0;
  if (encoded_size(*event) != size) std::abort();
  std::vector<std::uint8_t> again(size);
  encode(*event, again.data());
  if (std::memcmp(again.data(), data, size) != 0) std::abort();
  return 0;
}
