// A connected, non-blocking byte stream, in clear or under TLS, as both legs of every plane use it.
// The owner registers fd() with its reactor and calls these until they say would_block.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"
#include "net/tls.h"

namespace bulwark::net {

enum class IoStatus : std::uint8_t { ok, would_block, closed, failed };

struct IoResult {
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;  ///< moved by this call; may be > 0 only with ok
  bool drained = false;   ///< a read that emptied the socket: the next byte is a new edge, and asking before it is in vain
};

class Stream {
 public:
  Stream() = default;
  explicit Stream(int fd);  ///< takes ownership of a non-blocking socket
  ~Stream();
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;

  /// Starts a non-blocking connect; completion shows as writability, then finish_connect() tells how it went.
  static Result<Stream> connect(const Endpoint& peer);
  Result<void> finish_connect();

  /// From here on the bytes travel under TLS. handshake() is called until it says ok (or failed).
  Result<void> start_tls_server(std::shared_ptr<const TlsServer> tls);
  Result<void> start_tls_client(std::shared_ptr<const TlsClient> tls, std::string_view server_name);
  IoStatus handshake();

  /// May leave bytes unread: call again until it says would_block. Under TLS one call gives at most one record.
  IoResult read(std::span<char> into);
  /// May take less than given. After would_block the next call must begin with the same bytes (TLS holds their record).
  IoResult write(std::string_view bytes);
  IoResult writev(std::span<const iovec> parts);  ///< under TLS: gathered into one record, of at most 16 KiB a call

  /// Half-closes our direction (close_notify, then FIN); the peer's bytes can still be read.
  void shutdown_write();
  void close();
  /// Closes so that the peer can tell that what it got is not whole: a reset, and no close_notify.
  void abort();

  bool open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  bool encrypted() const { return ssl_ != nullptr; }
  ssl_st* ssl() const { return ssl_; }
  std::string_view alpn() const;     ///< empty if none was agreed
  std::string tls_version() const;   ///< "TLSv1.3"; empty in clear
  std::string last_failure() const;  ///< words for the last `failed`, for a log line or event

 private:
  Result<void> start_tls(ssl_ctx_st* context);
  IoStatus tls_status(int returned);
  IoStatus socket_status();

  int fd_ = -1;
  int errno_ = 0;  ///< of the last failure
  unsigned long tls_error_ = 0;
  ssl_st* ssl_ = nullptr;
  std::shared_ptr<const void> tls_;  ///< keeps the snapshot alive while the connection lives
};

/// A listening socket (SO_REUSEPORT, so that each core accepts on its own). Port 0: the kernel chooses; see bound().
class Listener {
 public:
  static Result<Listener> listen(const Endpoint& at, int backlog = 1024);
  Listener() = default;
  ~Listener();
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;

  int fd() const { return fd_; }
  const Endpoint& bound() const { return bound_; }
  /// The next waiting connection, non-blocking with TCP_NODELAY, or a closed Stream when none waits.
  /// Error exhausted: no descriptors or memory left; the connection still waits, and no further readiness is reported for it.
  Result<Stream> accept(Endpoint& peer);
  void close();

 private:
  int fd_ = -1;
  Endpoint bound_;
};

}  // namespace bulwark::net
