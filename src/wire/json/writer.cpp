// Escaping and punctuation of JSON output.
#include "wire/json/writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "base/utf8.h"

namespace bulwark::json {
namespace {

void append_escape(std::string& out, unsigned char byte) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (byte) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
  }
}

constexpr bool needs_escape(unsigned char byte) {
  return byte < 0x20 || byte == '"' || byte == '\\' || byte == '<' || byte == '>' || byte == '&' || byte == 0x7f;
}

/// The bytes that stand for themselves.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned byte = 0; byte < 0x80; ++byte) plain[byte] = !needs_escape(static_cast<unsigned char>(byte));
  return plain;
}();

template <class Number>
void append_number(Writer& writer, Number number) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  writer.raw({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t plain = i;
    while (plain < text.size() && kPlain[static_cast<unsigned char>(text[plain])]) ++plain;
    out.append(text, i, plain - i);
    i = plain;
    if (i == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      append_escape(out, byte);
      ++i;
    } else if (const std::size_t length = utf8_sequence_length(text.substr(i)); length > 0) {
      out.append(text, i, length);
      i += length;
    } else {
      out += "\xEF\xBF\xBD";
      ++i;
    }
  }
  out += '"';
}

void Writer::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  const std::uint64_t bit = 1ULL << depth_;
  if ((has_items_ & bit) != 0) out_ += ',';
  has_items_ |= bit;
}

Writer& Writer::begin_object() {
  separate();
  CHECK(depth_ < kMaxDepth);
  out_ += '{';
  has_items_ &= ~(1ULL << ++depth_);
  return *this;
}

Writer& Writer::end_object() {
  CHECK(depth_ > 0);
  --depth_;
  out_ += '}';
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  CHECK(depth_ < kMaxDepth);
  out_ += '[';
  has_items_ &= ~(1ULL << ++depth_);
  return *this;
}

Writer& Writer::end_array() {
  CHECK(depth_ > 0);
  --depth_;
  out_ += ']';
  return *this;
}

Writer& Writer::key(std::string_view name) {
  separate();
  append_string(out_, name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  separate();
  append_string(out_, text);
  return *this;
}

Writer& Writer::value(bool truth) { return raw(truth ? "true" : "false"); }

Writer& Writer::value(std::int64_t number) {
  append_number(*this, number);
  return *this;
}

Writer& Writer::value(std::uint64_t number) {
  append_number(*this, number);
  return *this;
}

Writer& Writer::value(double number) {
  if (!std::isfinite(number)) return null();
  append_number(*this, number);
  return *this;
}

Writer& Writer::null() { return raw("null"); }

Writer& Writer::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

}  // namespace bulwark::json
