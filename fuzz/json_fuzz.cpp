// JSON: whatever is read can be written, and what was written reads as the same.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "wire/json/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto first = json::Document::parse(text, {.max_bytes = 64 * 1024, .max_values = 4096});
  if (!first.ok()) return 0;
  std::string once;
  json::append(once, first->root());
  auto second = json::Document::parse(once);
  CHECK(second.ok());
  std::string twice;
  json::append(twice, second->root());
  CHECK(once == twice);
  return 0;
}
