// getaddrinfo, one name at a time.
#include "net/resolver.h"

#include <netdb.h>

#include <memory>
#include <utility>

namespace bulwark::net {
namespace {

Result<std::vector<Endpoint>> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); failed != 0)
    return upstream_error(Code::unavailable, "cannot resolve " + host + ": " + ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(list, ::freeaddrinfo);
  std::vector<Endpoint> found;
  for (const addrinfo* each = list; each != nullptr && found.size() < Resolver::kMaxAddresses; each = each->ai_next)
    found.push_back({IpAddress::from_sockaddr(each->ai_addr), port});
  return found;
}

}  // namespace

Resolver::Resolver() : thread_([this] { run(); }) {}

Resolver::~Resolver() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Resolver::resolve(const std::string& host, std::uint16_t port, Done done) {
  if (const auto address = IpAddress::parse(host); address.ok()) return done(std::vector<Endpoint>{{*address, port}});
  {
    std::unique_lock lock(mutex_);
    if (queue_.size() >= kMaxQueued) {
      lock.unlock();
      return done(internal_error(Code::exhausted, "too many names to resolve"));
    }
    queue_.push_back({host, port, std::move(done)});
  }
  changed_.notify_one();
}

void Resolver::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    Query query = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    query.done(look_up(query.host, query.port));
    lock.lock();
  }
}

}  // namespace bulwark::net
