// hexDecode, hexEncode and sqlHexDecode (0x414243 as MySQL reads it).
#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"
#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

/// Whether a MySQL hexadecimal literal of at least one byte begins at `at`.
bool hex_literal_at(std::string_view in, std::size_t at) {
  return at + 3 < in.size() && in[at] == '0' && lower(in[at + 1]) == 'x' && is_hex(in[at + 2]) && is_hex(in[at + 3]);
}

}  // namespace

bool hex_decode(std::string_view in, std::string& out) {
  if (in.empty()) return false;
  out.reserve(in.size() / 2);
  for (std::size_t i = 0; i + 1 < in.size(); i += 2) out.push_back(hex_byte(in[i], in[i + 1]));
  return true;
}

bool hex_encode(std::string_view in, std::string& out) {
  if (in.empty()) return false;
  out.reserve(in.size() * 2);
  for (const char c : in) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kHexDigits[byte >> 4]);
    out.push_back(kHexDigits[byte & 15]);
  }
  return true;
}

bool sql_hex_decode(std::string_view in, std::string& out) {
  std::size_t copied = 0;
  std::size_t earliest = 0;  // where the next literal may begin
  for (std::size_t x = find_any<'x', 'X'>(in); x != std::string_view::npos; x = find_any<'x', 'X'>(in, x + 1)) {
    if (x <= earliest || !hex_literal_at(in, x - 1)) continue;
    out.append(in, copied, x - 1 - copied);
    for (copied = x + 1; copied + 1 < in.size() && is_hex(in[copied]) && is_hex(in[copied + 1]); copied += 2) {
      out.push_back(hex_byte(in[copied], in[copied + 1]));
    }
    earliest = copied + 1;  // the byte behind a literal is text: 0x410x42 is one literal, as in the reference
    x = copied;
  }
  if (copied == 0) return false;
  out.append(in, copied);
  return true;
}

}  // namespace bulwark::waf::steps
