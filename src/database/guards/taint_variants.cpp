// Percent-decoding, base64 (both alphabets) and white space.
#include "database/guards/taint_variants.h"

#include <algorithm>
#include <optional>
#include <string>

namespace bulwark::database::taint {
namespace {

constexpr std::size_t kMinBase64 = 8;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view value) {
  if (value.find('%') == std::string_view::npos) return std::nullopt;
  std::string out;
  bool changed = false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const int high = value[i] == '%' && i + 2 < value.size() ? hex_value(value[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(value[i + 2]) : -1;
    if (low < 0) {
      out.push_back(value[i] == '+' ? ' ' : value[i]);
      continue;
    }
    out.push_back(static_cast<char>(high << 4 | low));
    i += 2;
    changed = true;
  }
  return changed ? std::optional(std::move(out)) : std::nullopt;
}

/// Only what decodes to text: most words are base64 too, but their bytes are not printable.
std::optional<std::string> base64_decoded(std::string_view value) {
  while (value.ends_with('=')) value.remove_suffix(1);
  if (value.size() < kMinBase64 || value.size() % 4 == 1) return std::nullopt;
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : value) {
    const int digit = base64_value(c);
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<unsigned>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const char byte = static_cast<char>(bits >> count & 0xff);
    if (static_cast<unsigned char>(byte) < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') return std::nullopt;
    out.push_back(byte);
  }
  return out;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::optional<std::string> squeezed(std::string_view value) {
  std::string out;
  for (const char c : value)
    if (!is_space(c))
      out.push_back(c);
    else if (out.empty() || out.back() != ' ')
      out.push_back(' ');
  return out == value ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

void for_each_variant(std::string_view value, const std::function<void(std::string_view)>& visit) {
  if (value.size() > kMaxVariantBytes) return;
  for (const auto& variant : {percent_decoded(value), base64_decoded(value), squeezed(value)})
    if (variant) visit(*variant);
}

}  // namespace bulwark::database::taint
