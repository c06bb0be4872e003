// One side of a session: its stream, what was read from it and what waits to be written to it.
#pragma once

#include <functional>
#include <string>

#include "database/buffer.h"
#include "net/reactor.h"
#include "net/stream.h"

namespace bulwark::database {

class Leg final : public net::EventHandler {
 public:
  Leg(net::Reactor& reactor, std::function<void()> on_ready) : reactor_(reactor), on_ready_(std::move(on_ready)) {}
  ~Leg() override { close(); }

  /// Who hears of its readiness from now on.
  void notify(std::function<void()> on_ready) { on_ready_ = std::move(on_ready); }

  Result<void> open(net::Stream stream);
  void close();
  bool is_open() const { return stream_.open(); }

  /// From the next fill() on the bytes travel under TLS; handshaking() until that is agreed.
  Result<void> start_tls_server(std::shared_ptr<const net::TlsServer> tls);
  Result<void> start_tls_client(std::shared_ptr<const net::TlsClient> tls);
  bool handshaking() const { return handshaking_; }

  /// Reads one chunk when `in` holds less than `limit` bytes. True: something changed.
  bool fill(std::size_t limit);
  /// Writes what it can. True: something changed.
  bool flush();
  bool drained() const { return out_at_ == out.size(); }
  /// While held, flush() writes nothing.
  void hold(bool held) { held_ = held; }

  void on_ready(net::Readiness readiness) override;
  bool ended() const { return ended_; }  ///< the peer closed its direction
  bool failed() const { return failed_; }
  bool writable() const { return writable_; }
  net::Stream& stream() { return stream_; }

  Buffer in;
  std::string out;
  std::size_t waiting() const { return out.size() - out_at_; }

 private:
  bool handshake();

  net::Reactor& reactor_;
  std::function<void()> on_ready_;
  net::Stream stream_;
  std::size_t out_at_ = 0;
  bool readable_ = false;
  bool writable_ = false;
  bool hung_up_ = false;
  bool handshaking_ = false;
  bool ended_ = false;
  bool failed_ = false;
  bool held_ = false;
};

}  // namespace bulwark::database
