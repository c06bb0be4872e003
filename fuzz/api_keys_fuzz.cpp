// The API key file: no input crashes the reader, and what it takes is written back byte for byte.
#include "base/check.h"
#include "identity/api_keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto keys = identity::ApiKeys::parse(text);
  if (!keys.ok()) return 0;
  const auto again = identity::ApiKeys::parse(keys->text());
  CHECK(again.ok() && again->text() == keys->text());
  CHECK(!keys->verify(text.substr(0, 64), 0).ok());
  return 0;
}
