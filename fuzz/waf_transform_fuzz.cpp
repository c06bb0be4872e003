// Every transformation on any bytes: no fault, a bounded result, and the same answer twice. The first byte chooses which.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "waf/transforms/transform.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark::waf;
  if (size == 0) return 0;
  const auto transform = static_cast<Transform>(data[0] % kTransformCount);
  const std::string value(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string first;
  std::string second = "what was there before";
  const bool changed = apply(transform, value, first);
  if (changed != apply(transform, value, second)) std::abort();
  if (changed && (first != second || first == value || first.size() > value.size() * kMaxGrowth + 64)) std::abort();
  return 0;
}
