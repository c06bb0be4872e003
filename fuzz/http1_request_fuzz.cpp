// Request heads: any bytes, whole and byte by byte, must come to one and the same end, and views must stay inside the input.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/http/head.h"

namespace {

using namespace bulwark::http;

struct Outcome {
  HeadScanner::State state = HeadScanner::State::more;
  std::string_view rule;
  std::size_t size = 0;
};

Outcome scan(std::string_view text, std::size_t step, const HeadLimits& limits) {
  HeadScanner scanner;
  Outcome outcome;
  for (std::size_t seen = std::min(step, text.size()); outcome.state == HeadScanner::State::more;
       seen = std::min(seen + step, text.size())) {
    outcome.state = scanner.scan(text.substr(0, seen), limits);
    if (seen == text.size()) break;
  }
  if (outcome.state == HeadScanner::State::refused) outcome.rule = scanner.refusal().rule;
  if (outcome.state == HeadScanner::State::complete) outcome.size = scanner.size();
  return outcome;
}

void require(bool condition) {
  if (!condition) std::abort();
}

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() || part == "/" || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const HeadLimits limits{.max_bytes = 2048, .max_line = 512, .max_fields = 16};
  const Outcome whole = scan(text, text.size() + 1, limits);
  const Outcome bytes = scan(text, 1, limits);
  require(whole.state == bytes.state && whole.rule == bytes.rule && whole.size == bytes.size);
  if (whole.state != HeadScanner::State::complete) return 0;
  HeadScanner scanner;
  scanner.scan(text, limits);
  const std::string_view head_text = text.substr(scanner.skipped(), scanner.size() - scanner.skipped());
  RequestHead head;
  if (parse_request_head(head_text, limits, head)) return 0;
  require(is_token(head.method) && !head.target.empty());
  require(inside(head.target, head_text) && inside(head.path, head_text) && inside(head.query, head_text));
  require(head.version == 10 || head.version == 11);
  for (const Field& field : head.fields) require(is_token(field.name) && is_field_value(field.value) && inside(field.value, head_text));
  require(head.authority.empty() || is_authority(head.authority));
  return 0;
}
