#include "waf/bodies/json.h"

#include <array>
#include <charconv>
#include <cstring>
#include <string>

#include "waf/transforms/ascii.h"
#include "waf/transforms/scan.h"

namespace bulwark::waf {
namespace {

constexpr auto kNone = std::string_view::npos;

/// How long the sequence is that begins here, by its shape alone; 0 if it has none. Overlong forms, surrogates and code points past
/// U+10FFFF pass, as in the reference: rules that know them look at the value, and an application may read it too.
std::size_t shaped_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xc0 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf8 ? 4
                                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

/// An object or array that is open, and where its part of the name begins.
struct Container {
  std::size_t name_end;  ///< length of the path of the container itself
  std::size_t elements;  ///< so far, of an array
  bool is_array;
};

/// One pass, no recursion: the open containers are a vector, the name of the value being read a string that grows and shrinks.
class JsonFlattener {
 public:
  JsonFlattener(std::string_view text, const JsonLimits& limits, TextArena& arena, std::vector<Argument>& out, std::string_view root)
      : text_(text), limits_(limits), arena_(arena), out_(out), most_(out.size() + limits.arguments.max_arguments), path_(root) {}

  JsonResult run() {
    if (read_value()) {
      while (result_.message.empty() && !open_.empty() && read_member()) {
      }
    }
    if (result_.message.empty()) {
      skip_space();
      if (!open_.empty() || at_ != text_.size()) fail("the body is not JSON");
    }
    result_.error = !result_.message.empty();
    return result_;
  }

 private:
  bool fail(std::string_view message) {
    if (result_.message.empty()) result_.message = message;
    return false;
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  /// The next element or member of the innermost container, or its end.
  bool read_member() {
    Container& container = open_.back();
    skip_space();
    const bool first = container.elements == 0;
    if (peek() == (container.is_array ? ']' : '}')) {
      ++at_;
      return close();
    }
    if (!first) {
      if (peek() != ',') return fail("the body is not JSON");
      ++at_;
      skip_space();
    }
    path_.resize(container.name_end);
    if (container.is_array) {
      append_index(container.elements++);
      return read_value();
    }
    ++container.elements;
    std::string_view key;
    if (peek() != '"' || !read_string(key)) return fail("the body is not JSON");
    path_.push_back('.');
    path_.append(key.empty() ? "empty-key" : key);
    if (path_.size() > limits_.max_name_bytes) return fail("a name in the JSON body is too long");
    skip_space();
    if (peek() != ':') return fail("the body is not JSON");
    ++at_;
    return read_value();
  }

  void append_index(std::size_t index) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), index).ptr;
    path_.append(".array_").append(digits.data(), end);
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  /// A scalar becomes an argument; a container is opened.
  bool read_value() {
    skip_space();
    switch (peek()) {
      case '{': return open(false);
      case '[': return open(true);
      case '"': {
        std::string_view value;
        return read_string(value) && add(value);
      }
      case 't': return read_word("true") && add("true");
      case 'f': return read_word("false") && add("false");
      case 'n': return read_word("null") && add({});
      default: return read_number();
    }
  }

  bool open(bool is_array) {
    ++at_;
    if (open_.size() >= limits_.max_depth) {
      result_.depth_exceeded = true;
      return fail("the JSON body is nested too deeply");
    }
    open_.push_back({path_.size(), 0, is_array});
    return true;
  }

  bool read_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return fail("the body is not JSON");
    at_ += word.size();
    return true;
  }

  std::size_t digits_from(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && is_digit(text_[end])) ++end;
    return end - at;
  }

  /// RFC 8259 §6, kept as written.
  bool read_number() {
    std::size_t end = at_ + (peek() == '-' ? 1 : 0);
    const std::size_t whole = digits_from(end);
    if (whole == 0 || (whole > 1 && text_[end] == '0')) return fail("the body is not JSON");
    end += whole;
    if (end < text_.size() && text_[end] == '.') {
      const std::size_t fraction = digits_from(end + 1);
      if (fraction == 0) return fail("the body is not JSON");
      end += 1 + fraction;
    }
    if (end < text_.size() && lower(text_[end]) == 'e') {
      ++end;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      const std::size_t exponent = digits_from(end);
      if (exponent == 0) return fail("the body is not JSON");
      end += exponent;
    }
    const std::string_view number = text_.substr(at_, end - at_);
    at_ = end;
    return add(number);
  }

  bool add(std::string_view value) {
    if (out_.size() >= most_ || arena_.bytes() > limits_.arguments.max_bytes) {
      result_.limit_reached = true;
      return fail("the JSON body holds too many values");
    }
    out_.push_back({arena_.store(path_), value});
    return true;
  }

  /// A view of the body if nothing is escaped, else unescaped into the arena. UTF-8 is checked either way.
  bool read_string(std::string_view& value) {
    const std::size_t begin = ++at_;
    const auto special = [](ByteLanes lanes) { return (lanes == '"') | (lanes == '\\') | (lanes < 0x20) | (lanes >= 0x80); };
    std::size_t end = find_lane(text_, special, begin);
    while (end != kNone && static_cast<unsigned char>(text_[end]) >= 0x80) {
      const std::size_t length = shaped_length(text_.substr(end));
      if (length == 0) return fail("a string in the JSON body is not UTF-8");
      end = find_lane(text_, special, end + length);
    }
    if (end == kNone || static_cast<unsigned char>(text_[end]) < 0x20) return fail("the body is not JSON");
    if (text_[end] == '"') {
      value = text_.substr(begin, end - begin);
      at_ = end + 1;
      return true;
    }
    return unescape(begin, end, value);
  }

  bool unescape(std::size_t begin, std::size_t backslash, std::string_view& value) {
    // Unescaping never lengthens, so the text up to the closing quote bounds the result.
    std::size_t close = backslash;
    while (close < text_.size() && text_[close] != '"') close += text_[close] == '\\' ? 2 : 1;
    if (close >= text_.size()) return fail("the body is not JSON");
    char* const out = arena_.allocate(close - begin);
    std::size_t size = backslash - begin;
    std::memcpy(out, text_.data() + begin, size);
    for (at_ = backslash; at_ < close;) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '\\') {
        if (!read_escape(close, out, size)) return false;
        continue;
      }
      const std::size_t length = byte < 0x20 ? 0 : shaped_length(text_.substr(at_, close - at_));
      if (length == 0) return fail(byte < 0x20 ? "the body is not JSON" : "a string in the JSON body is not UTF-8");
      std::memcpy(out + size, text_.data() + at_, length);
      size += length;
      at_ += length;
    }
    arena_.shrink(out, size);
    value = {out, size};
    at_ = close + 1;
    return true;
  }

  bool read_escape(std::size_t close, char* out, std::size_t& size) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kBytes = "\"\\/\b\f\n\r\t";
    const char letter = text_[at_ + 1];
    if (letter == 'u') return read_unicode_escape(close, out, size);
    const std::size_t which = kLetters.find(letter);
    if (which == kNone) return fail("the body is not JSON");
    out[size++] = kBytes[which];
    at_ += 2;
    return true;
  }

  /// The code unit of `\uXXXX` at `at`, or -1.
  int code_unit(std::size_t at, std::size_t close) const {
    if (at + 6 > close || text_[at] != '\\' || text_[at + 1] != 'u') return -1;
    unsigned unit = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
      if (!is_hex(text_[i])) return -1;
      unit = unit * 16 + hex_value(text_[i]);
    }
    return static_cast<int>(unit);
  }

  bool read_unicode_escape(std::size_t close, char* out, std::size_t& size) {
    const int first = code_unit(at_, close);
    if (first < 0) return fail("the body is not JSON");
    auto point = static_cast<std::uint32_t>(first);
    at_ += 6;
    if (point >= 0xd800 && point < 0xdc00) {
      // Like the reference: whatever \u follows is the second half, a first half alone is a question mark, a second half alone is
      // encoded as it is.
      const int second = code_unit(at_, close);
      if (second >= 0) at_ += 6;
      point = second < 0 ? '?' : 0x10000 + ((point & 0x3ff) << 10) + (static_cast<std::uint32_t>(second) & 0x3ff);
    }
    append_utf8(point, out, size);
    return true;
  }

  static void append_utf8(std::uint32_t point, char* out, std::size_t& size) {
    if (point < 0x80) {
      out[size++] = static_cast<char>(point);
      return;
    }
    const std::size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    constexpr std::array<unsigned, 4> kLead{0, 0xc0, 0xe0, 0xf0};
    out[size++] = static_cast<char>(kLead[more] | point >> (6 * more));
    for (std::size_t i = more; i-- > 0;) out[size++] = static_cast<char>(0x80 | (point >> (6 * i) & 0x3f));
  }

  std::string_view text_;
  const JsonLimits& limits_;
  TextArena& arena_;
  std::vector<Argument>& out_;
  std::size_t most_;
  std::size_t at_ = 0;
  std::string path_;
  std::vector<Container> open_;
  JsonResult result_;
};

}  // namespace

JsonResult parse_json(std::string_view text, const JsonLimits& limits, TextArena& arena, std::vector<Argument>& out,
                      std::string_view root) {
  return JsonFlattener(text, limits, arena, out, root).run();
}

bool parse_nested_json(const JsonLimits& limits, TextArena& arena, std::vector<Argument>& out, std::size_t from) {
  std::size_t end = out.size();
  JsonLimits left = limits;
  for (std::size_t level = 0; level < kMaxNested && from < end; ++level) {
    for (; from < end; ++from) {
      const auto [name, value] = out[from];
      if (value.size() < 2 || (value.front() != '{' && value.front() != '[') || (value.back() != '}' && value.back() != ']')) continue;
      const std::size_t before = out.size();
      left.arguments.max_arguments = limits.arguments.max_arguments - std::min(limits.arguments.max_arguments, before);
      const JsonResult result = parse_json(value, left, arena, out, name);
      if (result.limit_reached) return true;
      if (result.error) out.resize(before);
    }
    end = out.size();
  }
  return false;
}

}  // namespace bulwark::waf
