// Non-blocking socket and TLS input and output with one meaning for both.
#include "net/stream.h"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/socket_bio.h"
#include "net/socket_calls.h"
#include "net/socket_options.h"

namespace bulwark::net {
namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;  // RFC 8446 §5.1

/// SSL_get_error(3) needs an empty queue before each call. Looking costs a tenth of clearing.
void clear_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

/// Parts joined so that they leave as one TLS record; one buffer a thread, used within a call only.
std::string_view gather(std::span<const iovec> parts) {
  thread_local std::array<char, kRecordBytes> buffer;
  std::size_t used = 0;
  for (const iovec& part : parts) {
    const std::size_t take = std::min(part.iov_len, buffer.size() - used);
    if (take > 0) std::memcpy(buffer.data() + used, part.iov_base, take);
    used += take;
    if (used == buffer.size()) break;
  }
  return {buffer.data(), used};
}

}  // namespace

Stream::Stream(int fd) : fd_(fd) {}
Stream::~Stream() { close(); }

Stream::Stream(Stream&& other) noexcept { *this = std::move(other); }

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::exchange(other.fd_, -1);
  errno_ = other.errno_;
  tls_error_ = other.tls_error_;
  ssl_ = std::exchange(other.ssl_, nullptr);
  tls_ = std::move(other.tls_);
  return *this;
}

Result<Stream> Stream::connect(const Endpoint& peer) {
  sockaddr_storage address{};
  const unsigned size = peer.to_sockaddr(address);
  Stream stream(::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!stream.open()) return errno_error("socket");
  prepare_tcp(stream.fd_, peer.address);
  if (::connect(stream.fd_, reinterpret_cast<const sockaddr*>(&address), size) != 0 && errno != EINPROGRESS)
    return upstream_error(Code::unavailable, "connect to " + peer.text() + ": " + std::strerror(errno));
  return stream;
}

Result<void> Stream::finish_connect() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return upstream_error(Code::unavailable, std::string("connect: ") + std::strerror(error));
  return {};
}

Result<void> Stream::start_tls(ssl_ctx_st* context) {
  CHECK(open() && ssl_ == nullptr);
  ssl_ = SSL_new(context);
  if (ssl_ == nullptr || !attach_socket(ssl_, fd_)) return internal_error(Code::exhausted, "cannot start TLS");
  return {};
}

Result<void> Stream::start_tls_server(std::shared_ptr<const TlsServer> tls) {
  TRY(start_tls(tls->context()));
  tls_ = std::move(tls);
  SSL_set_accept_state(ssl_);
  return {};
}

Result<void> Stream::start_tls_client(std::shared_ptr<const TlsClient> tls, std::string_view server_name) {
  TRY(start_tls(tls->context()));
  const std::string name(server_name.empty() ? std::string_view(tls->settings().server_name) : server_name);
  const bool verify = tls->settings().verify;
  tls_ = std::move(tls);
  SSL_set_connect_state(ssl_);
  if (name.empty()) {
    if (verify) return config_error("a verified TLS connection needs the server's name");
    return {};
  }
  if (const auto address = IpAddress::parse(name); address.ok()) {  // RFC 6066 §3: no SNI for addresses
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), name.c_str()) != 1) return config_error("not an address");
    return {};
  }
  SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl_, name.c_str()) != 1 || SSL_set_tlsext_host_name(ssl_, name.c_str()) != 1) return config_error("not a server name");
  return {};
}

IoStatus Stream::tls_status(int returned) {
  switch (SSL_get_error(ssl_, returned)) {
    case SSL_ERROR_NONE: return IoStatus::ok;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return IoStatus::would_block;
    case SSL_ERROR_ZERO_RETURN: return IoStatus::closed;
    case SSL_ERROR_SYSCALL: errno_ = errno; break;
    default: tls_error_ = ERR_peek_error(); break;
  }
  ERR_clear_error();
  return IoStatus::failed;
}

IoStatus Stream::socket_status() {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return IoStatus::would_block;
  errno_ = errno;
  return IoStatus::failed;
}

IoStatus Stream::handshake() {
  ERR_clear_error();
  return tls_status(SSL_do_handshake(ssl_));
}

IoResult Stream::read(std::span<char> into) {
  if (into.empty()) return {IoStatus::ok, 0};
  if (ssl_ != nullptr) {
    clear_errors();
    forget_drained(ssl_);
    std::size_t got = 0;
    const int returned = SSL_read_ex(ssl_, into.data(), into.size(), &got);
    if (returned == 1) return {IoStatus::ok, got, socket_drained(ssl_)};
    return {tls_status(returned), 0};
  }
  ssize_t got = 0;
  do got = receive(fd_, into.data(), into.size());
  while (got < 0 && errno == EINTR);
  if (got > 0) return {IoStatus::ok, static_cast<std::size_t>(got), static_cast<std::size_t>(got) < into.size()};
  if (got == 0) return {IoStatus::closed, 0};
  return {socket_status(), 0};
}

IoResult Stream::write(std::string_view bytes) {
  if (bytes.empty()) return {IoStatus::ok, 0};
  if (ssl_ != nullptr) {
    clear_errors();
    std::size_t put = 0;
    const int returned = SSL_write_ex(ssl_, bytes.data(), std::min(bytes.size(), kRecordBytes), &put);
    if (returned == 1) return {IoStatus::ok, put};
    return {tls_status(returned), 0};
  }
  ssize_t put = 0;
  do put = transmit(fd_, bytes.data(), bytes.size());
  while (put < 0 && errno == EINTR);
  if (put >= 0) return {IoStatus::ok, static_cast<std::size_t>(put)};
  return {socket_status(), 0};
}

IoResult Stream::writev(std::span<const iovec> parts) {
  if (ssl_ != nullptr) {
    if (parts.size() == 1) return write({static_cast<const char*>(parts[0].iov_base), parts[0].iov_len});
    return write(gather(parts));
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  ssize_t put = 0;
  do put = transmit(fd_, message);
  while (put < 0 && errno == EINTR);
  if (put >= 0) return {IoStatus::ok, static_cast<std::size_t>(put)};
  return {socket_status(), 0};
}

void Stream::shutdown_write() {
  if (!open()) return;
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
  }
  ::shutdown(fd_, SHUT_WR);
}

void Stream::close() {
  if (ssl_ != nullptr) {
    // Best effort: the peer learns that this end was meant. Not after a failure, when OpenSSL forbids it.
    if (tls_error_ == 0 && errno_ == 0 && SSL_is_init_finished(ssl_) == 1) SSL_shutdown(ssl_);
    SSL_free(ssl_);
    ERR_clear_error();
    ssl_ = nullptr;
  }
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  tls_.reset();
}

void Stream::abort() {
  if (!open()) return;
  const linger reset{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  errno_ = ECONNABORTED;  // no close_notify
  close();
}

std::string_view Stream::alpn() const {
  if (ssl_ == nullptr) return {};
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string Stream::tls_version() const { return ssl_ == nullptr ? std::string() : SSL_get_version(ssl_); }

std::string Stream::last_failure() const {
  if (tls_error_ != 0) {
    const char* reason = ERR_reason_error_string(tls_error_);
    std::string words = reason != nullptr ? reason : "TLS failure";
    if (ssl_ != nullptr)
      if (const long verified = SSL_get_verify_result(ssl_); verified != X509_V_OK)
        words.append(": ").append(X509_verify_cert_error_string(verified));
    return words;
  }
  return errno_ != 0 ? std::strerror(errno_) : "connection ended early";
}

}  // namespace bulwark::net
