// The client's end of one exchange, whatever protocol it speaks: an HTTP/1.1 connection between two requests' borders, or an
// HTTP/2 stream. The flow pushes the response through it; it pushes the request's body into the flow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/exchange.h"
#include "wire/http/head.h"

namespace bulwark::gateway {

struct OutgoingHead {
  std::uint16_t status = 0;
  const std::vector<Header>* fields = nullptr;  ///< without those that are hop-by-hop or Content-Length when written
  const HeaderEdits* edits = nullptr;           ///< may be nullptr
  const TraceId* request_id = nullptr;
  http::BodyKind body = http::BodyKind::none;  ///< `chunked`: of unknown length, framed as the protocol does
  std::uint64_t content_length = 0;
  bool has_content_length = false;  ///< also without a body, in answer to HEAD
};

class ClientSide {
 public:
  virtual ~ClientSide() = default;

  /// Queues the head; nothing leaves before send_body() or flush(). Returns its size in bytes.
  virtual std::size_t send_head(const OutgoingHead& head) = 0;
  /// Takes all of `bytes`, sends what the client takes now and keeps the rest. `last` exactly once for each head, also
  /// without a body; after a status 101 the bytes are the tunnel's.
  virtual void send_body(std::string_view bytes, bool last) = 0;
  virtual void flush() = 0;
  /// Bytes kept. Above kHighWater the flow stops reading from upstream until Flow::client_drained().
  virtual std::size_t unsent() const = 0;
  virtual void send_continue() = 0;
  /// Flow::take_body() left bytes: it takes again.
  virtual void resume_body() = 0;
  /// The response cannot be completed: the client must be able to tell.
  virtual void abort() = 0;
  /// The flow is done with this client side and forgets it. After a send_body(last) or abort().
  virtual void exchange_ended() = 0;

  static constexpr std::size_t kHighWater = 64 * 1024;
};

}  // namespace bulwark::gateway
