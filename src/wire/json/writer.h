// Writes JSON (RFC 8259) straight into a string: no tree, no allocation of its own. Invalid UTF-8 in a text is replaced by
// U+FFFD, so that what comes out is always valid.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bulwark::json {

/// Appends `text` as a quoted, escaped JSON string. Also escapes '<', '>' and '&', so that the result may stand inside HTML.
void append_string(std::string& out, std::string_view text);

/// Builds one value; commas are put by itself. `json::Writer(out).begin_object().key("a").value(1).end_object()`.
class Writer {
 public:
  static constexpr int kMaxDepth = 62;  ///< bits of has_items_

  explicit Writer(std::string& out) : out_(out) {}

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);
  Writer& value(std::string_view text);
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(bool truth);
  Writer& value(std::int64_t number);
  Writer& value(std::uint64_t number);
  Writer& value(int number) { return value(static_cast<std::int64_t>(number)); }
  Writer& value(unsigned number) { return value(static_cast<std::uint64_t>(number)); }
  Writer& value(double number);  ///< not finite: null
  Writer& null();
  /// Text that is JSON already.
  Writer& raw(std::string_view json);

  template <class T>
  Writer& field(std::string_view name, const T& what) {
    return key(name).value(what);
  }

 private:
  void separate();
  std::string& out_;
  std::uint64_t has_items_ = 0;  ///< bit d: something was written at depth d
  int depth_ = 0;
  bool after_key_ = false;
};

}  // namespace bulwark::json
