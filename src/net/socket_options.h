// What every TCP socket of ours is told before it connects or listens.
#pragma once

#include "base/ip.h"

namespace bulwark::net {

/// Sends small messages at once (TCP_NODELAY). A socket whose other end, or whose listener, is on loopback gets the plainest
/// congestion control (RFC 5681): there is no network to share, and one that measures and paces (BBR) costs some 2 % of a
/// proxied request. Best effort; accepted sockets inherit both from their listener.
void prepare_tcp(int fd, const IpAddress& address);

}  // namespace bulwark::net
