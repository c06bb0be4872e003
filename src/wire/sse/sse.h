// Server-sent events (WHATWG HTML, §9.2.6 "Interpreting an event stream"): a decoder that accepts any split into chunks and an
// encoder that writes what the decoder read. Pure; bounded by the bytes of one event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulwark::sse {

/// One dispatched event, or one comment line (which models use as keep-alive).
struct Item {
  enum class Kind : std::uint8_t { event, comment };
  Kind kind = Kind::event;
  std::string_view type;  ///< the `event` field; empty: "message"
  std::string_view data;  ///< `data` lines joined by '\n'; the text of a comment
  std::string_view id;
  std::string_view retry;  ///< digits, or empty
  bool has_data = false;   ///< an empty `data` line is data; an `id` alone is not
  bool has_id = false;
};

/// `push` bytes as they come, then call `next` until it says false. Views in an item die at the following call.
class Decoder {
 public:
  static constexpr std::size_t kMaxEventBytes = 4 * 1024 * 1024;

  explicit Decoder(std::size_t max_event_bytes = kMaxEventBytes) : max_event_bytes_(max_event_bytes) {}

  void push(std::string_view chunk);
  /// Ends the stream: an event that lacks its blank line is still handed out, where a browser would drop it: a filter must not
  /// swallow text.
  void finish() { finished_ = true; }
  /// True: `item` was filled. Errors, origin upstream: `too_large` when one event passes the limit; the decoder is then done for.
  Result<bool> next(Item& item);

 private:
  bool take_line(std::string_view& line);
  void take_field(std::string_view line);
  bool dispatch(Item& item);

  std::size_t max_event_bytes_;
  std::string buffer_;
  std::size_t position_ = 0;  ///< of the first byte not yet taken as a line
  std::size_t searched_ = 0;  ///< no line end before this
  bool finished_ = false;
  bool started_ = false;         ///< past the byte order mark
  bool skip_line_feed_ = false;  ///< the last line ended in CR: an LF right after belongs to it

  std::string type_;
  std::string data_;
  std::string id_;
  std::string retry_;
  std::string comment_;
  bool has_data_ = false;
  bool has_id_ = false;
  bool reset_ = false;  ///< the fields belong to an event already handed out
};

/// Appends the item in its wire form, with LF line ends.
void append(std::string& out, const Item& item);

}  // namespace bulwark::sse
