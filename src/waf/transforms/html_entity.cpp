// htmlEntityDecode: &#DD; &#xHH; &quot; &nbsp; &lt; &gt; &amp;, each with or without its semicolon.
#include <limits>

#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

constexpr std::pair<std::string_view, char> kNamed[] = {
    {"quot", '"'}, {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"nbsp", static_cast<char>(0xa0)},
};

/// The low byte of a number of any length; past 2^63 - 1 it stays there, as strtol does.
char low_byte(std::string_view digits, unsigned base) {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t value = 0;
  for (const char digit : digits) {
    if (value > (kMost - hex_value(digit)) / base) return static_cast<char>(kMost & 0xff);
    value = value * base + hex_value(digit);
  }
  return static_cast<char>(value);
}

template <class Accept>
std::string_view run_of(std::string_view in, std::size_t at, Accept accept) {
  std::size_t end = at;
  while (end < in.size() && accept(in[end])) ++end;
  return at < in.size() ? in.substr(at, end - at) : std::string_view{};
}

struct Entity {
  bool known = false;
  char byte = 0;
  std::size_t end = 0;  ///< where the input goes on, before a semicolon; when unknown, after what is copied as it is
};

Entity numeric(std::string_view in, std::size_t at) {
  const bool hexadecimal = at + 2 < in.size() && lower(in[at + 2]) == 'x';
  const std::size_t first = at + (hexadecimal ? 3 : 2);
  const std::string_view digits = hexadecimal ? run_of(in, first, is_hex) : run_of(in, first, is_digit);
  if (digits.empty()) return {false, 0, std::min(first, in.size())};
  return {true, low_byte(digits, hexadecimal ? 16 : 10), first + digits.size()};
}

Entity entity_at(std::string_view in, std::size_t at) {
  if (at + 1 < in.size() && in[at + 1] == '#') return numeric(in, at);
  const std::string_view name = run_of(in, at + 1, is_alnum);
  for (const auto& [known, byte] : kNamed) {
    if (equals_ignoring_case(name, known)) return {true, byte, at + 1 + name.size()};
  }
  return {false, 0, at + 1 + name.size()};
}

}  // namespace

bool html_entity_decode(std::string_view in, std::string& out) {
  std::size_t copied = 0;
  std::size_t at = find_any<'&'>(in);
  while (at != std::string_view::npos) {
    const Entity entity = entity_at(in, at);
    if (entity.known) {
      out.append(in, copied, at - copied).push_back(entity.byte);
      copied = entity.end < in.size() && in[entity.end] == ';' ? entity.end + 1 : entity.end;
    }
    at = find_any<'&'>(in, entity.known ? copied : entity.end);
  }
  if (copied == 0) return false;
  out.append(in, copied);
  return out != in;
}

}  // namespace bulwark::waf::steps
