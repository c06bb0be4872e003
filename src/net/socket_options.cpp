// Options of TCP sockets; see tcp(7).
#include "net/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string_view>

namespace bulwark::net {

void prepare_tcp(int fd, const IpAddress& address) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!address.is_loopback()) return;
  constexpr std::string_view kPlain = "reno";  // always built in, and allowed to everybody
  ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kPlain.data(), kPlain.size());
}

}  // namespace bulwark::net
