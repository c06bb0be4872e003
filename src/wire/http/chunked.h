// The chunked transfer coding (RFC 9112 §7.1), decoded in place as bytes arrive, and written anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/http/head.h"

namespace bulwark::http {

class ChunkedDecoder {
 public:
  static constexpr std::size_t kMaxSizeDigits = 16;
  static constexpr std::size_t kMaxExtensionBytes = 4 * 1024;  ///< of all chunks of a message together
  static constexpr std::size_t kMaxTrailerBytes = 8 * 1024;
  static constexpr std::size_t kMaxTrailerFields = 32;

  enum class State : std::uint8_t { more, data, done, refused };
  struct Step {
    State state = State::more;
    std::size_t consumed = 0;  ///< bytes of the input that are dealt with
    std::string_view data;     ///< body bytes, a view into the input; not empty only with State::data
  };

  /// Call until it says other than `data`; then with the bytes that follow. After `done` the rest belongs to the next message.
  Step next(std::string_view input);
  const Refusal& refusal() const { return refusal_; }
  void reset() { *this = ChunkedDecoder(); }

 private:
  enum class At : std::uint8_t {
    size,
    extension_name,
    extension_equals,
    extension_token,
    extension_quoted,
    extension_escape,
    extension_end,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,
    done,
  };
  bool take_size_byte(char c);
  bool take_extension_byte(char c);
  bool take_trailer_byte(char c);
  bool end_trailers();
  bool refuse(const Refusal& refusal);
  bool go(At next);

  At at_ = At::size;
  std::uint8_t digits_ = 0;
  std::uint16_t extension_bytes_ = 0;
  std::uint64_t size_ = 0;
  std::string trailers_;
  Refusal refusal_;
};

/// "1a2b\r\n" into `out` (at least kMaxChunkHead bytes); returns its length.
inline constexpr std::size_t kMaxChunkHead = 18;
std::size_t write_chunk_head(std::uint64_t size, char* out);

}  // namespace bulwark::http
