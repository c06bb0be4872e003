// Shared by requests and responses: what the fields say about framing and about the connection.
#pragma once

#include "wire/http/head.h"

namespace bulwark::http {

struct Framing {
  bool chunked = false;
  bool has_length = false;
  std::uint64_t length = 0;
  bool keep_alive = true;
  bool upgrade = false;  ///< Connection names "upgrade"
};

/// Reads Content-Length, Transfer-Encoding and Connection; marks the fields that Connection names as hop-by-hop.
Refusal read_framing(std::vector<Field>& fields, std::uint8_t version, Framing& out);

}  // namespace bulwark::http
