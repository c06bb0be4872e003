// Listening sockets: one a core on the same port, so that the kernel spreads connections and no lock is shared.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/socket_options.h"
#include "net/stream.h"

namespace bulwark::net {

Listener::~Listener() { close(); }
Listener::Listener(Listener&& other) noexcept { *this = std::move(other); }

Listener& Listener::operator=(Listener&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::exchange(other.fd_, -1);
  bound_ = other.bound_;
  return *this;
}

Result<Listener> Listener::listen(const Endpoint& at, int backlog) {
  sockaddr_storage address{};
  socklen_t size = at.to_sockaddr(address);
  Listener listener;
  listener.fd_ = ::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener.fd_ < 0) return errno_error("socket");
  const int on = 1;
  ::setsockopt(listener.fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(listener.fd_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  prepare_tcp(listener.fd_, at.address);
  if (::bind(listener.fd_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener.fd_, backlog) != 0)
    return config_error("cannot listen on " + at.text() + ": " + std::strerror(errno));
  ::getsockname(listener.fd_, reinterpret_cast<sockaddr*>(&address), &size);
  listener.bound_ = Endpoint::from_sockaddr(reinterpret_cast<const sockaddr*>(&address));
  return listener;
}

Result<Stream> Listener::accept(Endpoint& peer) {
  for (;;) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd = ::accept4(fd_, reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      peer = Endpoint::from_sockaddr(reinterpret_cast<const sockaddr*>(&address));
      return Stream(fd);
    }
    switch (errno) {
      case EAGAIN: return Stream();
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM: return internal_error(Code::exhausted, std::string("accept: ") + std::strerror(errno));
      case EBADF:
      case EINVAL:
      case ENOTSOCK: return errno_error("accept");
      default: break;  // accept(2): an error of the connection that left; the next one may be fine
    }
  }
}

void Listener::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace bulwark::net
