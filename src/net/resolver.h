// Host names to addresses on a thread of its own, since the C library's resolver blocks.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/ip.h"
#include "base/result.h"

namespace bulwark::net {

class Resolver {
 public:
  static constexpr std::size_t kMaxAddresses = 8;  ///< of one name
  static constexpr std::size_t kMaxQueued = 256;

  using Done = std::function<void(Result<std::vector<Endpoint>>)>;

  Resolver();
  /// Waits for the query in progress; the others are dropped.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// `done` runs on the resolver's thread, or at once for an address or a full queue.
  void resolve(const std::string& host, std::uint16_t port, Done done);

 private:
  struct Query {
    std::string host;
    std::uint16_t port;
    Done done;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Query> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bulwark::net
