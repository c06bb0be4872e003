// A response's head as an HTTP/2 field list: names in lower case, nothing that concerns a connection, and our own fields added.
#pragma once

#include <nghttp2/nghttp2.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/edge/client_side.h"

namespace bulwark::gateway {

/// Reads a stream's waiting bytes; the stream is the stream's user data.
nghttp2_data_provider http2_data_provider();

inline nghttp2_nv http2_field(std::string_view name, std::string_view value, std::uint8_t flags = NGHTTP2_NV_FLAG_NONE) {
  const auto bytes = [](std::string_view text) { return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data())); };
  return {bytes(name), bytes(value), name.size(), value.size(), flags};
}

/// Valid while the OutgoingHead and this object are; nghttp2 copies what it is given.
class Http2ResponseHead {
 public:
  Http2ResponseHead(const OutgoingHead& head, std::string_view date);
  const std::vector<nghttp2_nv>& list() const { return list_; }
  std::size_t bytes() const;

 private:
  void add_fields(const OutgoingHead& head);
  void add_edits(const HeaderEdits& edits);
  void add(std::string_view name, std::string_view value, std::uint8_t flags = NGHTTP2_NV_FLAG_NONE);
  std::string_view lower(std::string_view name);

  std::vector<nghttp2_nv>& list_;  ///< this thread's, reused
  std::string& names_;             ///< names in lower case; never grows past its reserve
  bool dated_ = false;
  char status_[3];
  char id_[32];
  char length_[20];
};

}  // namespace bulwark::gateway
