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
  bool failed = false;   ///< EPOLLHUP or EPOLLERR: nothing can be written any more
};

/// Owns one descriptor's reactions. Must outlive its registration; may remove itself from inside on_ready.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  virtual void on_ready(Readiness readiness) = 0;
};

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

  MonoTime now() const;   ///< read once a turn: cheap, at most a turn old
  WallTime wall() const;  ///< likewise
  const Clock& clock() const;

  struct State;

 private:
  friend class Timer;
  explicit Reactor(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct TimerLink {
  TimerLink* next = nullptr;
  TimerLink* previous = nullptr;
};

/// A timer that cancels itself when destroyed or re-armed. Intrusive, so arming allocates nothing. Reactor's thread only.
class Timer : private TimerLink {
 public:
  /// Timers fire on ticks of the wheel: never early by the reactor's now(), at most this (and the turn) late.
  static constexpr std::chrono::milliseconds kTick{8};

  explicit Timer(Reactor& reactor, std::function<void()> on_expiry);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Expires once, `after` from now; replaces an earlier arming. The callback may re-arm or destroy the timer.
  void arm(Duration after);
  void cancel();
  bool armed() const { return next != nullptr && due_tick_ != kNever; }

 private:
  friend struct Reactor::State;
  static constexpr std::uint64_t kNever = UINT64_MAX;
  std::uint64_t due_tick_ = kNever;
  std::uint64_t slot_tick_ = 0;  ///< where it lies in the wheel: never later than due. Most timers are put off and never fire
  Reactor& reactor_;
  std::function<void()> on_expiry_;
};

}  // namespace bulwark::net
