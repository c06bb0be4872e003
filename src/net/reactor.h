// One epoll event loop per core. A descriptor is registered once, edge-triggered, for its whole life
// (measured cheaper than re-arming); timers live in a hashed wheel; other threads reach it only through post().
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/result.h"

namespace bulwark::net {

/// What a descriptor became; several may be set at once.
struct Readiness {
  bool readable = false;
  bool writable = false;
  bool hung_up = false;  ///< EPOLLHUP, EPOLLERR or EPOLLRDHUP: read until the end to learn which
};

/// Owns a descriptor's reactions. Must outlive its registration; may remove itself from inside on_ready.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  virtual void on_ready(Readiness readiness) = 0;
};

/// A timer that cancels itself when destroyed or re-armed. Intrusive, so arming allocates nothing.
class Timer;

class Reactor {
 public:
  static Result<std::unique_ptr<Reactor>> create(const Clock& clock = system_clock());
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  /// Registers for reading and writing, edge-triggered. `handler` is called on this reactor's thread only.
  Result<void> add(int fd, EventHandler& handler);
  /// After this returns, `handler` gets no further call, not even for events already fetched.
  void remove(int fd, EventHandler& handler);

  /// Runs `task` on the reactor's thread, soon. Thread-safe. Tasks posted after stop() are dropped.
  void post(std::function<void()> task);
  /// Runs `task` at the end of the current turn; reactor's thread only. For destruction from inside callbacks.
  void defer(std::function<void()> task);

  /// Serves until stop(). The calling thread becomes the reactor's thread.
  void run();
  void stop();  ///< thread-safe

  MonoTime now() const;     ///< read once a turn: cheap, at most a turn old
  WallTime wall() const;    ///< likewise
  const Clock& clock() const;

  struct State;

 private:
  friend class Timer;
  explicit Reactor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Timer {
 public:
  explicit Timer(Reactor& reactor, std::function<void()> on_expiry);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Expires once, `after` from now (granularity 1 ms or coarser by design of the wheel); replaces an earlier arming.
  void arm(Duration after);
  void cancel();
  bool armed() const;

 private:
  friend struct Reactor::State;
  Reactor& reactor_;
  std::function<void()> on_expiry_;
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  std::uint64_t due_tick_ = 0;
};

}  // namespace bulwark::net
