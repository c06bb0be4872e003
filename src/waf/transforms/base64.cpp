// base64Decode (strict: RFC 4648 §4 with line breaks, an empty result if malformed), base64DecodeExt (reads over what does not belong)
// and base64Encode.
#include <array>
#include <cstdint>

#include "waf/transforms/steps.h"

namespace bulwark::waf::steps {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> kSextets = [] {
  std::array<std::int8_t, 256> sextets{};
  sextets.fill(-1);
  for (int i = 0; i < 64; ++i) sextets[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  return sextets;
}();

int sextet(char c) { return kSextets[static_cast<unsigned char>(c)]; }

/// Collects sextets into bytes.
class Collector {
 public:
  explicit Collector(std::string& out) : out_(out) {}
  void add(int value) {
    bits_ = bits_ << 6 | static_cast<std::uint32_t>(value);
    if (++count_ == 4) {
      out_.append({static_cast<char>(bits_ >> 16), static_cast<char>(bits_ >> 8), static_cast<char>(bits_)});
      count_ = 0;
    }
  }
  bool complete() const { return count_ == 0; }
  int pending() const { return count_; }
  /// The one or two bytes of a last group of two or three sextets.
  void finish() {
    if (count_ == 2) out_.push_back(static_cast<char>(bits_ >> 4));
    if (count_ == 3) out_.append({static_cast<char>(bits_ >> 10), static_cast<char>(bits_ >> 2)});
  }

 private:
  std::string& out_;
  std::uint32_t bits_ = 0;
  int count_ = 0;
};

/// Whether the strict decoder takes it: the alphabet, line ends, spaces before line ends, and up to two `=` behind all digits.
bool well_formed(std::string_view in) {
  std::size_t padding = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    bool spaces = false;
    for (; i < in.size() && in[i] == ' '; ++i) spaces = true;
    if (i == in.size()) break;
    if (in[i] == '\n' || (in[i] == '\r' && i + 1 < in.size() && in[i + 1] == '\n')) continue;
    if (spaces) return false;
    if (in[i] == '=') {
      if (++padding > 2) return false;
    } else if (sextet(in[i]) < 0 || padding > 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool base64_decode(std::string_view in, std::string& out) {
  if (in.empty()) return false;
  const std::string_view text = in.substr(0, in.find('\0'));  // a C string to the reference
  if (!well_formed(text)) return true;
  Collector bytes(out);
  std::size_t padding = 0;
  for (const char c : text) {
    if (c != '=' && sextet(c) < 0) continue;
    if (c == '=') ++padding;
    bytes.add(c == '=' ? 0 : sextet(c));
    // A group that holds padding is the last one; what is left of an incomplete group is dropped.
    if (padding > 0 && bytes.complete()) {
      out.resize(out.size() - padding);
      break;
    }
  }
  return out != in;
}

bool base64_decode_ext(std::string_view in, std::string& out) {
  if (in.empty()) return false;
  Collector bytes(out);
  for (const char c : in) {
    if (c == '=' && bytes.pending() == 1) {
      out.clear();
      return true;
    }
    if (sextet(c) >= 0) bytes.add(sextet(c));
  }
  bytes.finish();
  return out != in;
}

bool base64_encode(std::string_view in, std::string& out) {
  if (in.empty()) return false;
  out.reserve((in.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < in.size(); i += 3) {
    const auto byte = [&](std::size_t k) { return i + k < in.size() ? static_cast<unsigned char>(in[i + k]) : 0u; };
    const std::uint32_t bits = byte(0) << 16 | byte(1) << 8 | byte(2);
    out.push_back(kAlphabet[bits >> 18 & 63]);
    out.push_back(kAlphabet[bits >> 12 & 63]);
    out.push_back(i + 1 < in.size() ? kAlphabet[bits >> 6 & 63] : '=');
    out.push_back(i + 2 < in.size() ? kAlphabet[bits & 63] : '=');
  }
  return true;
}

}  // namespace bulwark::waf::steps
