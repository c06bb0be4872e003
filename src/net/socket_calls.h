// Receiving and sending without glibc's cancellation points: in a process with threads they cost two atomic operations a call,
// and nothing here is ever cancelled. As recv(2), send(2) and sendmsg(2); a send never raises SIGPIPE.
#pragma once

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

namespace bulwark::net {

inline ssize_t receive(int fd, char* into, std::size_t size) { return ::syscall(SYS_recvfrom, fd, into, size, 0, nullptr, nullptr); }
inline ssize_t transmit(int fd, const char* from, std::size_t size) {
  return ::syscall(SYS_sendto, fd, from, size, MSG_NOSIGNAL, nullptr, 0);
}
inline ssize_t transmit(int fd, const msghdr& message) { return ::syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL); }

}  // namespace bulwark::net
