// The app behind the gateways under measurement: answers each request head with the same 1 KB, on one thread, with two system
// calls a request and nothing else, so that the gateway and not the app is what saturates.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr int kEvents = 256;

void expect(bool fine, const char* what) {
  if (fine) return;
  std::perror(what);
  std::exit(1);
}

int listen_on(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  expect(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0, "bind");
  expect(::listen(fd, 4096) == 0, "listen");
  return fd;
}

/// Gateways send whole heads and no bodies here: what ends in an empty line is that many requests.
std::size_t heads_in(std::string_view bytes) {
  std::size_t count = 0;
  for (std::size_t at = bytes.find("\r\n\r\n"); at != std::string_view::npos; at = bytes.find("\r\n\r\n", at + 4)) ++count;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  expect(argc == 2, "usage: gateway_upstream_bench PORT");
  const int listener = listen_on(std::atoi(argv[1]));
  const int loop = ::epoll_create1(0);
  const auto watch = [loop](int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    expect(::epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
  };
  watch(listener);
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n" + std::string(1024, 'x');
  epoll_event events[kEvents];
  char bytes[16 * 1024];
  while (true) {
    const int count = ::epoll_wait(loop, events, kEvents, -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        const int fresh = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        if (fresh < 0) continue;
        const int on = 1;
        ::setsockopt(fresh, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(fresh);
        continue;
      }
      const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
      if (got <= 0) {
        ::close(fd);
        continue;
      }
      for (std::size_t left = heads_in({bytes, static_cast<std::size_t>(got)}); left > 0; --left)
        (void)::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }
}
