// c-ares on a thread: it sends, times out and reads what comes; here is what an answer means.
#include "waf/blocklists.h"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace bulwark::waf {
namespace {

constexpr std::size_t kMaxServers = 3;
constexpr int kNameServerPort = 53;
constexpr int kInternet = 1;       ///< class IN (RFC 1035 §3.2.4)
constexpr int kAddressRecord = 1;  ///< type A
constexpr int kMaxRecords = 32;    ///< of an answer that count

/// "127.0.0.1:53,[::1]:5353", as c-ares takes it.
Result<std::string> server_list(const std::vector<std::string>& servers) {
  if (servers.size() > kMaxServers) return config_error(fmt::format("waf.blocklists.servers: at most {}", kMaxServers));
  std::string list;
  for (const auto& server : servers) {
    Endpoint endpoint;
    if (const auto address = IpAddress::parse(server); address.ok())
      endpoint = {*address, kNameServerPort};
    else
      endpoint = TRY(Endpoint::parse(server));
    list += (list.empty() ? "" : ",") + endpoint.text();
  }
  return list;
}

/// A list answers from 127.0.0.0/8 (RFC 5782 §2.1); 127.255.255.0/24 is how lists say that they do not serve the asker.
Blocklists::Answer meaning(std::uint32_t address) {
  if (address >> 24 != 127) return Blocklists::Answer::clear;
  return address >> 8 == 0x7fffff ? Blocklists::Answer::silent : Blocklists::Answer::listed;
}

}  // namespace

struct Blocklists::Queries {
  struct Query {
    Blocklists* lists;
    std::string name;
  };
  ares_channel channel = nullptr;
  int wake = -1;

  ~Queries() {
    if (channel != nullptr) ares_destroy(channel);
    if (wake >= 0) ::close(wake);
  }

  static void on_answer(void* context, int status, int, unsigned char* packet, int size) {
    const std::unique_ptr<Query> query(static_cast<Query*>(context));
    if (status == ARES_ENOTFOUND || status == ARES_ENODATA) return query->lists->answered(query->name, Answer::clear, kClear);
    std::array<ares_addrttl, kMaxRecords> records;
    int count = kMaxRecords;
    if (status != ARES_SUCCESS || ares_parse_a_reply(packet, size, nullptr, records.data(), &count) != ARES_SUCCESS || count == 0)
      return query->lists->answered(query->name, Answer::silent, kSilent);
    Answer answer = Answer::clear;
    std::chrono::seconds holds = kMostListed;
    for (int i = 0; i < count; ++i) {
      const Answer each = meaning(ntohl(records[i].ipaddr.s_addr));
      if (each == Answer::listed || answer == Answer::clear) answer = each;
      holds = std::min(holds, std::chrono::seconds(std::max(records[i].ttl, 0)));
    }
    query->lists->answered(query->name, answer, answer == Answer::silent ? kSilent : std::max(holds, kLeastListed));
  }

  void wait() const {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets;
    const unsigned interests = static_cast<unsigned>(ares_getsock(channel, sockets.data(), ARES_GETSOCK_MAXNUM));
    std::array<pollfd, ARES_GETSOCK_MAXNUM + 1> polled;
    nfds_t count = 0;
    polled[count++] = {wake, POLLIN, 0};
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
      short events = 0;
      if (ARES_GETSOCK_READABLE(interests, i)) events |= POLLIN;
      if (ARES_GETSOCK_WRITABLE(interests, i)) events |= POLLOUT;
      if (events != 0) polled[count++] = {sockets[i], events, 0};
    }
    timeval left{};
    const timeval* next = ares_timeout(channel, nullptr, &left);
    ::poll(polled.data(), count, next == nullptr ? -1 : static_cast<int>(next->tv_sec * 1000 + next->tv_usec / 1000 + 1));
    if (polled[0].revents != 0) {
      eventfd_t times = 0;
      (void)::eventfd_read(wake, &times);
    }
    for (nfds_t i = 1; i < count; ++i)
      ares_process_fd(channel, polled[i].revents & ~POLLOUT ? polled[i].fd : ARES_SOCKET_BAD,
                      polled[i].revents & POLLOUT ? polled[i].fd : ARES_SOCKET_BAD);
    ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what ran out of time
  }
};

Result<std::shared_ptr<Blocklists>> Blocklists::start(const BlocklistSettings& settings, const Clock& clock) {
  const std::string servers = TRY(server_list(settings.servers));
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  std::shared_ptr<Blocklists> made(new Blocklists(clock));
  made->queries_ = std::make_unique<Queries>();
  made->queries_->wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  ares_options options{};
  options.timeout = static_cast<int>(settings.timeout.count());
  options.tries = 1;
  options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_FLAGS;
  if (library != ARES_SUCCESS || made->queries_->wake < 0 || ares_init_options(&made->queries_->channel, &options, mask) != ARES_SUCCESS)
    return internal_error(Code::unavailable, "the resolver for blocklists does not start");
  if (!servers.empty() && ares_set_servers_ports_csv(made->queries_->channel, servers.c_str()) != ARES_SUCCESS)
    return config_error("waf.blocklists.servers: not understood");
  made->thread_ = std::thread([lists = made.get()] { lists->run(); });
  return made;
}

Blocklists::Blocklists(const Clock& clock) : clock_(clock) {}

Blocklists::~Blocklists() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  (void)::eventfd_write(queries_->wake, 1);
  thread_.join();
  queries_.reset();  // answers what was asked
  for (const auto& [name, waiting] : std::exchange(pending_, {}))
    for (const auto& done : waiting) done();
}

std::string Blocklists::name_of(const IpAddress& address, std::string_view zone) {
  std::string name;
  if (address.is_v4()) {
    for (int i = 15; i >= 12; --i) name += fmt::format("{}.", address.bytes[static_cast<std::size_t>(i)]);
  } else {
    for (int i = 15; i >= 0; --i) {
      const std::uint8_t byte = address.bytes[static_cast<std::size_t>(i)];
      name += fmt::format("{:x}.{:x}.", byte & 15, byte >> 4);
    }
  }
  return name.append(zone);
}

std::optional<Blocklists::Answer> Blocklists::known(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  for (const auto* names : {&young_, &old_})
    if (const auto at = names->find(name); at != names->end() && at->second.until > clock_.mono()) return at->second.answer;
  return std::nullopt;
}

void Blocklists::ask(const std::string& name, std::function<void()> done) {
  {
    std::unique_lock lock(mutex_);
    const bool asked = pending_.contains(name);
    if (!asked && pending_.size() >= kMaxPending) {
      remember(name, Answer::silent, kSilent);
      lock.unlock();
      return done();
    }
    pending_[name].push_back(std::move(done));
    if (asked) return;
    new_.push_back(name);
  }
  (void)::eventfd_write(queries_->wake, 1);
}

void Blocklists::remember(const std::string& name, Answer answer, std::chrono::seconds holds) {
  if (young_.size() >= kMaxRemembered / 2) old_ = std::exchange(young_, {});
  young_[name] = {answer, clock_.mono() + holds};
}

void Blocklists::answered(const std::string& name, Answer answer, std::chrono::seconds holds) {
  std::vector<std::function<void()>> waiting;
  {
    const std::scoped_lock lock(mutex_);
    remember(name, answer, holds);
    if (const auto at = pending_.find(name); at != pending_.end()) {
      waiting = std::move(at->second);
      pending_.erase(at);
    }
  }
  for (const auto& done : waiting) done();
}

void Blocklists::run() {
  while (true) {
    std::vector<std::string> names;
    {
      const std::scoped_lock lock(mutex_);
      if (stopping_) return;
      names.swap(new_);
    }
    for (auto& name : names) {
      auto* query = new Queries::Query{this, name};  // on_answer owns it, whatever comes of it
      ares_query(queries_->channel, name.c_str(), kInternet, kAddressRecord, Queries::on_answer, query);
    }
    queries_->wait();
  }
}

}  // namespace bulwark::waf
