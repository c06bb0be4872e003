// Tool calls that wait for a person: who asked for what, until when. A call that nobody decides upon in time is refused, and so is one
// that cannot be put before anybody.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace bulwark::chat::tools {

/// The fate of one call; written once.
class Ticket {
 public:
  enum class State : std::uint8_t { pending, confirmed, refused, expired };
  State state() const { return state_.load(std::memory_order_acquire); }
  bool pending() const { return state() == State::pending; }

 private:
  friend class Confirmations;
  std::atomic<State> state_{State::pending};
};

/// Thread-safe; one a process.
class Confirmations {
 public:
  static constexpr std::size_t kMaxPending = 1'000;
  static constexpr std::size_t kMaxPerUser = 20;
  static constexpr std::size_t kMaxArguments = 16 * 1024;  ///< bytes: what a person can still read

  struct Request {
    std::string user;  ///< empty: nobody known
    std::string tenant;
    std::string tool;
    std::string arguments;  ///< as the app would get them
  };
  struct Pending {
    std::string id;
    Request request;
    WallTime asked = 0;
    WallTime expires = 0;
  };

  Confirmations() = default;
  ~Confirmations();  ///< what is pending expires
  Confirmations(const Confirmations&) = delete;
  Confirmations& operator=(const Confirmations&) = delete;

  /// `decided` is called once, from any thread, when the ticket is no longer pending. nullptr: too much is pending, or more than a
  /// person can read; nothing is called then. A ticket that its owner drops is no longer listed.
  std::shared_ptr<const Ticket> ask(Request request, std::chrono::milliseconds ttl, std::function<void()> decided);
  /// In the order in which they were asked.
  std::vector<Pending> pending() const;
  /// Errors, origin client: `not_found` when nothing with this id is pending (any more).
  Result<void> decide(std::string_view id, bool confirmed);

 private:
  struct Waiting {
    Pending shown;
    MonoTime until;
    std::weak_ptr<Ticket> ticket;
    std::function<void()> decided;
  };
  void run();
  void end(std::unique_lock<std::mutex>& lock, std::map<std::string, Waiting>::iterator at, Ticket::State state);
  void forget_dropped();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Waiting> waiting_;  ///< by id
  bool stopping_ = false;
  std::thread timer_;  ///< since the first call that waits
};

constexpr std::string_view to_string(Ticket::State state) {
  constexpr std::string_view kNames[] = {"pending", "confirmed", "refused", "expired"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace bulwark::chat::tools
