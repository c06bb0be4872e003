// Regression files on arbitrary text: refused with a place or read, and whatever was read becomes bytes without a fault.
#include <cstdint>
#include <string>

#include "waf/regression/suite.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark::waf::regression;
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)expand_template(text.substr(0, 256));
  Suite suite;
  if (!add_tests(text, "fuzz.yaml", suite)) return 0;
  for (const auto& test : suite.tests)
    for (const auto& step : test.steps) {
      (void)request_bytes(step.input);
      (void)compare(step.output, {200, "HTTP/1.1 200\r\n\r\n", "[id \"1\"]\n"});
    }
  return 0;
}
