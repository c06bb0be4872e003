// Serving the admin socket, and asking it.
#include "soc/admin_socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <list>
#include <vector>

#include "base/log.h"

namespace bulwark::soc {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kMaxAnswerRead = 64 * 1024 * 1024;

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return config_error("the path of the admin socket is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

void set_deadline(int descriptor, int option, std::chrono::seconds time) {
  const timeval value{time.count(), 0};
  (void)setsockopt(descriptor, SOL_SOCKET, option, &value, sizeof value);
}

bool send_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(descriptor, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// The mode of the file is not enough on every system: the kernel says who is at the other end.
bool may_ask(int descriptor, uid_t& uid) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  uid = peer.uid;
  return uid == 0 || uid == geteuid();
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

}  // namespace

struct AdminSocket::Client {
  Descriptor socket;
  std::string by;
  std::string question;
  Steady::time_point deadline;
};

AdminSocket::AdminSocket(std::string path, Admin& admin, int listener, int stopper)
    : path_(std::move(path)), admin_(admin), listener_(listener), stopper_(stopper), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), "bulwark-admin");
}

AdminSocket::~AdminSocket() {
  (void)eventfd_write(stopper_, 1);
  thread_.join();
  unlink(path_.c_str());
  close(listener_);
  close(stopper_);
}

Result<std::unique_ptr<AdminSocket>> AdminSocket::open(const std::string& path, Admin& admin) {
  const sockaddr_un address = TRY(address_of(path));
  Descriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listener.get() < 0) return errno_error("making the admin socket");
  unlink(path.c_str());
  // Bound under a mask, so that there is no moment in which others could connect.
  const mode_t before = umask(0177);
  const int bound = bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  umask(before);
  if (bound != 0 || listen(listener.get(), static_cast<int>(kMaxClients)) != 0) return errno_error("listening on " + path);
  const int stopper = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stopper < 0) return errno_error("making the admin socket");
  return std::unique_ptr<AdminSocket>(new AdminSocket(path, admin, listener.release(), stopper));
}

void AdminSocket::run() {
  std::list<Client> clients;
  std::vector<pollfd> waiting;
  for (;;) {
    waiting.assign({{stopper_, POLLIN, 0}, {listener_, static_cast<short>(clients.size() < kMaxClients ? POLLIN : 0), 0}});
    for (const Client& client : clients) waiting.push_back({client.socket.get(), POLLIN, 0});
    const int timeout = clients.empty() ? -1 : 1000;
    if (poll(waiting.data(), waiting.size(), timeout) < 0 && errno != EINTR) {
      log::error("the admin socket stops: {}", std::strerror(errno));
      return;
    }
    if (waiting[0].revents != 0) return;
    std::size_t at = 2;
    for (auto client = clients.begin(); client != clients.end(); ++at) {
      const bool asked = waiting[at].revents != 0;
      const bool stays = asked ? serve(*client) : Steady::now() < client->deadline;
      client = stays ? std::next(client) : clients.erase(client);
    }
    if (waiting[1].revents == 0) continue;
    Descriptor made(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
    uid_t uid = 0;
    if (made.get() < 0 || !may_ask(made.get(), uid)) continue;
    set_deadline(made.get(), SO_SNDTIMEO, kAnswerDeadline);
    clients.push_back({std::move(made), fmt::format("user:uid {}", uid), {}, Steady::now() + kQuestionDeadline});
  }
}

/// False: the client is done with, or did not keep to the protocol.
bool AdminSocket::serve(Client& client) {
  char buffer[4096];
  const ssize_t got = recv(client.socket.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  client.question.append(buffer, static_cast<std::size_t>(got));
  for (std::size_t end = client.question.find('\n'); end != std::string::npos; end = client.question.find('\n')) {
    const std::string answer = admin_.answer(std::string_view(client.question).substr(0, end), client.by) + "\n";
    client.question.erase(0, end + 1);
    if (!send_all(client.socket.get(), answer)) return false;
    client.deadline = Steady::now() + kQuestionDeadline;
  }
  return client.question.size() <= Admin::kMaxQuestion && Steady::now() < client.deadline;
}

Result<std::string> ask_admin(const std::string& socket_path, std::string_view question) {
  constexpr std::chrono::seconds kPatience{60};  // a reload compiles rules
  const sockaddr_un address = TRY(address_of(socket_path));
  const Descriptor connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection.get() < 0) return errno_error("making a socket");
  if (connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return internal_error(Code::unavailable, "no running bulwark answers at " + socket_path + ": " + std::strerror(errno));
  set_deadline(connection.get(), SO_RCVTIMEO, kPatience);
  if (!send_all(connection.get(), std::string(question) + "\n")) return errno_error("asking the running process");
  std::string answer;
  char buffer[65536];
  for (;;) {
    const ssize_t got = recv(connection.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return internal_error(Code::unavailable, "the running process closed without an answer");
    answer.append(buffer, static_cast<std::size_t>(got));
    if (answer.back() == '\n') break;
    if (answer.size() > kMaxAnswerRead) return internal_error(Code::too_large, "the answer is too long");
  }
  answer.pop_back();
  return answer;
}

}  // namespace bulwark::soc
