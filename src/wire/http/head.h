// Strict HTTP/1.1 message heads (RFC 9112): found in a growing buffer, then parsed in place. What two recipients could read in
// two ways is refused, never repaired: that is what request and response smuggling live on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/http/field.h"

namespace bulwark::http {

/// Why a message is not taken. All text is static; status 0 means it is fine.
struct Refusal {
  std::uint16_t status = 0;  ///< for a request; a refused response is a 502 whatever this says
  std::string_view rule;     ///< "http.content_length_conflict"
  std::string_view detail;   ///< one sentence for the client
  explicit operator bool() const { return status != 0; }
};

struct HeadLimits {
  std::size_t max_bytes = 32 * 1024;  ///< of the whole head: 431
  std::size_t max_line = 8 * 1024;    ///< of the request line: 414
  std::size_t max_fields = 128;       ///< 431
};

/// Finds the end of a head as bytes arrive, and refuses what no further byte can mend.
class HeadScanner {
 public:
  enum class Kind : std::uint8_t { request, response };
  enum class State : std::uint8_t { more, complete, refused };
  explicit HeadScanner(Kind kind = Kind::request) : kind_(kind) {}

  /// `buffer`: everything received since the head's beginning; only what is new is looked at.
  State scan(std::string_view buffer, const HeadLimits& limits);
  std::size_t skipped() const { return skipped_; }  ///< bytes of an empty line before a request (RFC 9112 §2.2): not part of the head
  std::size_t size() const { return line_begin_; }  ///< when complete: from the buffer's beginning through the empty line
  const Refusal& refusal() const { return refusal_; }
  void reset() { *this = HeadScanner(kind_); }

 private:
  State refuse(const Refusal& refusal);
  State end_line(std::string_view line, bool& ended);

  Kind kind_;
  bool started_ = false;  // the start line has been seen
  std::size_t skipped_ = 0;
  std::size_t scanned_ = 0;
  std::size_t line_begin_ = 0;
  Refusal refusal_;
};

enum class BodyKind : std::uint8_t { none, length, chunked, until_close };

/// Reused from message to message: `fields` keeps its memory.
struct RequestHead {
  std::string_view method;
  std::string_view target;  ///< origin-form (an absolute-form is reduced to it) or "*"
  std::string_view path;
  std::string_view query;      ///< after '?', empty if none
  std::string_view authority;  ///< from Host
  std::uint8_t version = 11;   ///< 10 or 11
  BodyKind body = BodyKind::none;
  std::uint64_t content_length = 0;
  bool keep_alive = true;
  bool expect_continue = false;
  bool websocket = false;  ///< a well-formed request to switch to WebSocket (RFC 6455 §4.2.1)
  std::vector<Field> fields;
};

struct ResponseHead {
  std::uint16_t status = 0;
  std::uint8_t version = 11;
  BodyKind body = BodyKind::none;
  std::uint64_t content_length = 0;
  bool has_content_length = false;  ///< a HEAD response has one and no body
  bool keep_alive = true;
  bool websocket = false;  ///< status 101 to websocket
  std::vector<Field> fields;
};

/// `head`: as HeadScanner found it, from after skipped() through the empty line. Views in `out` point into it.
Refusal parse_request_head(std::string_view head, const HeadLimits& limits, RequestHead& out);

/// `to_head`: the request was HEAD, so that no body follows whatever the fields say.
Refusal parse_response_head(std::string_view head, bool to_head, const HeadLimits& limits, ResponseHead& out);

/// "name: value" lines without the empty line, as in trailers. Appends to `out`.
Refusal parse_fields(std::string_view lines, std::size_t max_fields, std::vector<Field>& out);

/// 1 to 18 digits and nothing else.
bool parse_content_length(std::string_view text, std::uint64_t& out);

/// A name or address with an optional port, as Host may hold (RFC 9110 §7.2).
bool is_authority(std::string_view text);

/// "Not Found"; "Unknown" for numbers without a name.
std::string_view reason_phrase(std::uint16_t status);

}  // namespace bulwark::http
