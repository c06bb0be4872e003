// @validateByteRange, @validateUrlEncoding, @validateUtf8Encoding: each matches what is *not* valid.
#include <bitset>
#include <charconv>

#include <fmt/format.h>

#include "base/utf8.h"
#include "waf/operators/factories.h"
#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"

namespace bulwark::waf::operators {
namespace {

using ByteSet = std::bitset<256>;

/// "10" or "32-126"
Result<void> add_range(std::string_view text, ByteSet& set, std::string_view name) {
  const auto fail = [&] { return config_error(fmt::format("@{}: '{}' is no byte range", name, text)); };
  std::string_view range = text;
  while (!range.empty() && is_space(range.front())) range.remove_prefix(1);
  while (!range.empty() && is_space(range.back())) range.remove_suffix(1);
  const char* end = range.data() + range.size();
  unsigned low = 0;
  auto read = std::from_chars(range.data(), end, low);
  if (read.ec != std::errc()) return fail();
  unsigned high = low;
  if (read.ptr != end) {
    if (*read.ptr != '-') return fail();
    read = std::from_chars(read.ptr + 1, end, high);
  }
  if (read.ec != std::errc() || read.ptr != end || low > high || high > 255) return fail();
  for (unsigned byte = low; byte <= high; ++byte) set.set(byte);
  return {};
}

class ByteRange final : public Operator {
 public:
  ByteRange(const Request& request, const ByteSet& allowed) : Operator(request.name, request.argument, false), allowed_(allowed) {
    for (std::size_t i = 0; i < 256; ++i) table_[i] = allowed.test(i);
  }
  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    if (allowed_.all()) return false;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (table_[static_cast<unsigned char>(value[i])]) continue;
      context.matched = value.substr(i, 1);
      return true;
    }
    return false;
  }

 private:
  ByteSet allowed_;
  std::array<bool, 256> table_{};
};

class UrlEncoding final : public Operator {
 public:
  explicit UrlEncoding(const Request& request) : Operator(request.name, request.argument, false) {}
  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    for (std::size_t at = find_any<'%'>(value); at != std::string_view::npos; at = find_any<'%'>(value, at + 3)) {
      if (at + 2 < value.size() && is_hex(value[at + 1]) && is_hex(value[at + 2])) continue;
      context.matched = value.substr(at, 3);
      return true;
    }
    return false;
  }
};

class Utf8Encoding final : public Operator {
 public:
  explicit Utf8Encoding(const Request& request) : Operator(request.name, request.argument, false) {}
  bool match(std::string_view value, MatchContext& context) const override {
    context.clear();
    const auto above_ascii = [](ByteLanes lanes) { return lanes >= 0x80; };
    for (std::size_t at = find_lane(value, above_ascii); at != std::string_view::npos; at = find_lane(value, above_ascii, at)) {
      const std::size_t length = utf8_sequence_length(value.substr(at));
      if (length == 0) {
        context.matched = value.substr(at, 1);
        return true;
      }
      at += length;
    }
    return false;
  }
};

}  // namespace

Made validate_byte_range(const Request& request) {
  ByteSet allowed;
  std::string_view rest = request.argument;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    TRY(add_range(rest.substr(0, comma), allowed, request.name));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return Made(std::make_unique<const ByteRange>(request, allowed));
}

Made validate_url_encoding(const Request& request) { return Made(std::make_unique<const UrlEncoding>(request)); }
Made validate_utf8_encoding(const Request& request) { return Made(std::make_unique<const Utf8Encoding>(request)); }

}  // namespace bulwark::waf::operators
