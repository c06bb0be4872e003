// The configuration's YAML: any text is read or refused with a line, within its limits.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "config/node.h"

namespace {

std::size_t depth_of(const bulwark::config::Node& node) {
  std::size_t deepest = 0;
  for (const auto& item : node.items()) deepest = std::max(deepest, depth_of(item));
  for (const auto& [key, value] : node.entries()) deepest = std::max(deepest, depth_of(value));
  return deepest + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using bulwark::config::Node;
  auto node = Node::parse({reinterpret_cast<const char*>(data), size}, "f");
  if (node.ok())
    CHECK(depth_of(*node) <= Node::kMaxDepth + 1);
  else
    CHECK(node.error().origin == bulwark::Origin::config && node.error().message.starts_with("f:"));
  return 0;
}
