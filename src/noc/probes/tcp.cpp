// The probe tcp.
#include "noc/probes/tcp.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bulwark::noc {
namespace {

/// The errno of a connection attempt within the deadline; 0: connected.
int connect_within(const Endpoint& endpoint, std::chrono::milliseconds deadline) {
  sockaddr_storage address{};
  const unsigned size = endpoint.to_sockaddr(address);
  const int descriptor = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno;
  int why = connect(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0 ? 0 : errno;
  if (why == EINPROGRESS) {
    pollfd waiting{descriptor, POLLOUT, 0};
    socklen_t length = sizeof why;
    if (poll(&waiting, 1, static_cast<int>(deadline.count())) <= 0)
      why = ETIMEDOUT;
    else if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &why, &length) != 0)
      why = errno;
  }
  close(descriptor);
  return why;
}

class Tcp final : public Probe {
 public:
  explicit Tcp(const ProbeSettings& settings) : settings_(settings) {}
  std::string_view name() const override { return settings_.name; }
  std::chrono::milliseconds interval() const override { return settings_.interval; }

  Result<Observation> observe(std::chrono::milliseconds deadline) override {
    const auto started = std::chrono::steady_clock::now();
    const int why = connect_within(settings_.address, std::min(deadline, settings_.deadline));
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
    if (why == EMFILE || why == ENFILE || why == ENOMEM) return internal_error(Code::exhausted, std::strerror(why));
    if (why != 0)
      return Observation{Health::down, took,
                         fmt::format("{} does not accept connections: {}", settings_.address.text(), std::strerror(why))};
    return Observation{Health::up, took, fmt::format("{} accepts connections", settings_.address.text())};
  }

 private:
  ProbeSettings settings_;
};

}  // namespace

std::unique_ptr<Probe> make_tcp(const ProbeSettings& settings) { return std::make_unique<Tcp>(settings); }

}  // namespace bulwark::noc
