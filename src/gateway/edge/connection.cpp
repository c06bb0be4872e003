// From accept to the first byte of a protocol.
#include "gateway/edge/connection.h"

#include <utility>

#include "gateway/edge/http1.h"
#include "gateway/edge/http2.h"

namespace bulwark::gateway {

Connection::Connection(Worker& worker, net::Stream stream, const Endpoint& peer)
    : worker_(worker), stream_(std::move(stream)), peer_(peer), timer_(worker.reactor(), [this] { on_timer(); }) {}

Connection::~Connection() {
  if (!stream_.open()) return;
  worker_.reactor().remove(stream_.fd(), *this);
  stream_.close();
}

Result<void> Connection::start(const std::shared_ptr<const net::TlsServer>& tls) {
  TRY(worker_.reactor().add(stream_.fd(), *this));
  timer_.arm(worker_.generation()->snapshot->limits.header_timeout);
  if (tls == nullptr) {
    begin_protocol();
    return {};
  }
  return stream_.start_tls_server(tls);
}

void Connection::begin_protocol() {
  if (stream_.alpn() != "h2") {
    protocol_ = std::make_unique<Http1Session>(*this);
    return;
  }
  auto session = Http2Session::create(*this);
  if (!session.ok()) return close(session.error().message);
  protocol_ = std::move(*session);
}

void Connection::shake() {
  switch (stream_.handshake()) {
    case net::IoStatus::would_block: return;
    case net::IoStatus::ok: begin_protocol(); return protocol_ ? protocol_->on_ready({.readable = true, .writable = true}) : void();
    default:
      worker_.report_from(peer_, "tls.handshake_failed", events::Severity::low, "TLS handshake failed: " + stream_.last_failure());
      return close();
  }
}

void Connection::on_ready(net::Readiness readiness) {
  if (closed_) return;
  if (protocol_) return protocol_->on_ready(readiness);
  shake();
}

void Connection::on_timer() {
  if (protocol_) return protocol_->on_timer();
  worker_.report_from(peer_, "tls.handshake_timeout", events::Severity::low, "the TLS handshake took too long");
  close();
}

void Connection::drain() {
  if (protocol_) return protocol_->drain();
  close();
}

void Connection::close(std::string_view why) {
  if (std::exchange(closed_, true)) return;
  timer_.cancel();
  worker_.reactor().remove(stream_.fd(), *this);
  if (protocol_) protocol_->on_close(why);
  stream_.close();
  worker_.retire(*this);
}

void Connection::abort() {
  if (std::exchange(closed_, true)) return;
  timer_.cancel();
  worker_.reactor().remove(stream_.fd(), *this);
  stream_.abort();
  worker_.retire(*this);
}

}  // namespace bulwark::gateway
