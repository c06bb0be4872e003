// A client's connection: its socket, the TLS handshake, and then the protocol that was agreed upon. An idle one is small.
#pragma once

#include <memory>

#include "gateway/edge/worker.h"
#include "net/reactor.h"
#include "net/stream.h"

namespace bulwark::gateway {

/// What speaks on a connection once it is secured: HTTP/1.1, HTTP/2.
class Protocol {
 public:
  virtual ~Protocol() = default;
  /// Also once at the beginning, as if readable. `failed`: no byte will come or go any more.
  virtual void on_ready(net::Readiness readiness) = 0;
  virtual void on_timer() = 0;
  /// Finish what is in progress, begin nothing new, close when done.
  virtual void drain() = 0;
  /// The socket is about to close under it: exchanges in progress have lost their client.
  virtual void on_close(std::string_view why) = 0;
};

class Connection final : public net::EventHandler {
 public:
  Connection(Worker& worker, net::Stream stream, const Endpoint& peer);
  ~Connection() override;
  Result<void> start(const std::shared_ptr<const net::TlsServer>& tls);

  Worker& worker() { return worker_; }
  net::Stream& stream() { return stream_; }
  const Endpoint& peer() const { return peer_; }
  net::Timer& timer() { return timer_; }
  void drain();
  /// Ends the connection now; it is destroyed at the end of the turn. Idempotent.
  void close(std::string_view why = {});
  /// As close(), but so that the client can tell that it did not get everything.
  void abort();
  bool closed() const { return closed_; }

 private:
  void on_ready(net::Readiness readiness) override;
  void on_timer();
  void shake();
  void begin_protocol();

  Worker& worker_;
  net::Stream stream_;
  Endpoint peer_;
  bool closed_ = false;
  net::Timer timer_;
  std::unique_ptr<Protocol> protocol_;
};

}  // namespace bulwark::gateway
