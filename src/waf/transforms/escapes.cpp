// Backslash escapes of three languages: CSS 2.1 (§4.1.3), JavaScript and ANSI C.
#include <algorithm>

#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

constexpr auto kNone = std::string_view::npos;

/// What an escape stands for, and how many bytes of input it takes, the backslash included.
struct Escape {
  std::string_view text;  ///< as it is in the input, or
  char byte = 0;          ///< if `text` is empty and `has_byte`
  bool has_byte = false;
  std::size_t used = 0;

  static Escape of(char byte, std::size_t used) { return {{}, byte, true, used}; }
};

/// Copies `in`, with `read(in, at)` for every backslash.
template <class Read>
bool decode(std::string_view in, std::string& out, Read read) {
  std::size_t copied = 0;
  for (std::size_t at = find_any<'\\'>(in); at != kNone; at = find_any<'\\'>(in, copied)) {
    const Escape escape = read(in, at);
    out.append(in, copied, at - copied);
    if (escape.has_byte)
      out.push_back(escape.byte);
    else
      out.append(escape.text);
    copied = at + escape.used;
  }
  if (copied == 0) return false;
  out.append(in, copied);
  return out != in;
}

/// How many of the `most` bytes from `at` on `accept` takes.
template <class Accept>
std::size_t run_length(std::string_view in, std::size_t at, std::size_t most, Accept accept) {
  std::size_t count = 0;
  while (count < most && at + count < in.size() && accept(in[at + count])) ++count;
  return count;
}

/// U+FF01 to U+FF5E look like ASCII and are taken for it by some readers.
char plain_of_full_width(char low) { return low > 0 && low < 0x5f ? static_cast<char>(low + 0x20) : low; }
bool is_f(char c) { return lower(c) == 'f'; }

char letter_escape(char c) {
  switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return c;
  }
}

char octal_byte(std::string_view digits) {
  unsigned value = 0;
  for (const char digit : digits) value = value * 8 + static_cast<unsigned>(digit - '0');
  return static_cast<char>(value);
}

char css_byte(std::string_view hex) {
  const std::size_t n = hex.size();
  if (n == 1) return static_cast<char>(hex_value(hex[0]));
  const char byte = hex_byte(hex[n - 2], hex[n - 1]);
  const bool zeros_first = hex.substr(0, n - std::min<std::size_t>(n, 4)).find_first_not_of('0') == kNone;
  return n >= 4 && zeros_first && is_f(hex[n - 3]) && is_f(hex[n - 4]) ? plain_of_full_width(byte) : byte;
}

Escape read_css(std::string_view in, std::size_t at) {
  const std::size_t digits = run_length(in, at + 1, 6, is_hex);
  if (digits > 0) {
    std::size_t used = 1 + digits;
    if (at + used < in.size() && is_space(in[at + used])) ++used;  // one white space ends the escape
    return Escape::of(css_byte(in.substr(at + 1, digits)), used);
  }
  if (at + 1 >= in.size()) return {{}, 0, false, 1};
  if (in[at + 1] == '\n') return {{}, 0, false, 2};
  return {in.substr(at + 1, 1), 0, false, 2};
}

Escape read_js(std::string_view in, std::size_t at) {
  if (at + 1 >= in.size()) return {in.substr(at), 0, false, 1};
  if (in[at + 1] == 'u' && run_length(in, at + 2, 4, is_hex) == 4) {
    const char byte = hex_byte(in[at + 4], in[at + 5]);
    return Escape::of(is_f(in[at + 2]) && is_f(in[at + 3]) ? plain_of_full_width(byte) : byte, 6);
  }
  if (in[at + 1] == 'x' && run_length(in, at + 2, 2, is_hex) == 2) return Escape::of(hex_byte(in[at + 2], in[at + 3]), 4);
  if (std::size_t digits = run_length(in, at + 1, 3, is_octal); digits > 0) {
    if (digits == 3 && in[at + 1] > '3') digits = 2;  // \400 and up would not fit a byte
    return Escape::of(octal_byte(in.substr(at + 1, digits)), 1 + digits);
  }
  return Escape::of(letter_escape(in[at + 1]), 2);
}

Escape read_ansi_c(std::string_view in, std::size_t at) {
  if (at + 1 >= in.size()) return {in.substr(at), 0, false, 1};
  const char c = in[at + 1];
  if (lower(c) == 'x' && run_length(in, at + 2, 2, is_hex) == 2) return Escape::of(hex_byte(in[at + 2], in[at + 3]), 4);
  if (const std::size_t digits = run_length(in, at + 1, 3, is_octal); digits > 0) {
    return Escape::of(octal_byte(in.substr(at + 1, digits)), 1 + digits);
  }
  return Escape::of(letter_escape(c), 2);
}

}  // namespace

bool css_decode(std::string_view in, std::string& out) { return decode(in, out, read_css); }
bool js_decode(std::string_view in, std::string& out) { return decode(in, out, read_js); }
bool escape_seq_decode(std::string_view in, std::string& out) { return decode(in, out, read_ansi_c); }

}  // namespace bulwark::waf::steps
