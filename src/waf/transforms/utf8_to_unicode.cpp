// utf8toUnicode: each multi-byte UTF-8 sequence as %uXXXX, for urlDecodeUni to read. Malformed input comes out as the reference
// writes it: a broken lead byte is dropped, an overlong sequence or a surrogate is written and its lead byte repeated.
#include <fmt/format.h>

#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

/// The shape a lead byte announces: how long, which of its bits count, and the least value that needs that length.
struct Shape {
  std::size_t length;
  unsigned bits;
  std::uint32_t least;
};

constexpr Shape shape_of(unsigned char lead) {
  if (lead >= 0xc0 && lead < 0xe0) return {2, 0x1f, 0x80};
  if (lead >= 0xe0 && lead < 0xf0) return {3, 0x0f, 0x800};
  if (lead >= 0xf0 && lead < 0xf8) return {4, 0x07, 0x10000};
  return {1, 0xff, 0};
}

/// The code point, or -1 if a continuation byte is missing.
std::int32_t code_point(std::string_view in, std::size_t at, const Shape& shape) {
  if (at + shape.length > in.size()) return -1;
  std::uint32_t value = static_cast<unsigned char>(in[at]) & shape.bits;
  for (std::size_t i = 1; i < shape.length; ++i) {
    const auto byte = static_cast<unsigned char>(in[at + i]);
    if ((byte & 0xc0) != 0x80) return -1;
    value = value << 6 | (byte & 0x3fu);
  }
  return static_cast<std::int32_t>(value);
}

bool is_surrogate(std::uint32_t point) { return point >= 0xd800 && point <= 0xdfff; }

}  // namespace

bool utf8_to_unicode(std::string_view in, std::string& out) {
  const std::size_t first = find_lane(in, [](ByteLanes lanes) { return (lanes >= 0x80) | (lanes == 0); });
  if (first == std::string_view::npos) return false;
  out.assign(in, 0, first);
  for (std::size_t at = first; at < in.size();) {
    const auto lead = static_cast<unsigned char>(in[at]);
    const Shape shape = shape_of(lead);
    if (shape.length == 1) {
      if (lead != 0) out.push_back(in[at]);
      ++at;
      continue;
    }
    if (lead > 0xf4) out.push_back(in[at]);
    const std::int32_t point = code_point(in, at, shape);
    if (point < 0) {
      ++at;
      continue;
    }
    const auto value = static_cast<std::uint32_t>(point);
    fmt::format_to(std::back_inserter(out), "%u{:04x}", value);
    if (value < shape.least || is_surrogate(value)) out.push_back(in[at]);
    at += shape.length;
  }
  return out != in;
}

}  // namespace bulwark::waf::steps
