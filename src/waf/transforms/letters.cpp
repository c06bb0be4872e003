// Byte-for-byte maps: lowercase, uppercase and the three 7-bit parities; and length.
#include <bit>

#include <fmt/format.h>

#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

/// `out` = `in` with `map` on each byte from the first one that changes.
template <class Map>
bool map_bytes(std::string_view in, std::string& out, Map map, std::size_t first = 0) {
  while (first < in.size() && map(in[first]) == in[first]) ++first;
  if (first >= in.size()) return false;
  out.assign(in);
  for (std::size_t i = first; i < out.size(); ++i) out[i] = map(out[i]);
  return true;
}

template <unsigned char kLow, unsigned char kHigh>
bool shift_case(std::string_view in, std::string& out, char (*map)(char)) {
  const std::size_t first = find_lane(in, lanes_within<kLow, kHigh>);
  return first != std::string_view::npos && map_bytes(in, out, map, first);
}

/// The parity of all eight bits decides, as in the reference.
char with_parity(char c, int odd) {
  return static_cast<char>(std::popcount(static_cast<unsigned char>(c)) % 2 == odd ? c & 0x7f : c | 0x80);
}

}  // namespace

bool lowercase(std::string_view in, std::string& out) { return shift_case<'A', 'Z'>(in, out, lower); }
bool uppercase(std::string_view in, std::string& out) { return shift_case<'a', 'z'>(in, out, upper); }

bool parity_even_7bit(std::string_view in, std::string& out) {
  return map_bytes(in, out, [](char c) { return with_parity(c, 0); });
}
bool parity_odd_7bit(std::string_view in, std::string& out) {
  return map_bytes(in, out, [](char c) { return with_parity(c, 1); });
}
bool parity_zero_7bit(std::string_view in, std::string& out) {
  return map_bytes(in, out, [](char c) { return static_cast<char>(c & 0x7f); });
}

bool length(std::string_view in, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{}", in.size());
  return out != in;
}

}  // namespace bulwark::waf::steps
