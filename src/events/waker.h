// Lets one thread sleep until another has something urgent for it, at no cost to the other while nobody sleeps.
#pragma once

#include <atomic>
#include <chrono>

namespace bulwark::events {

class Waker {
 public:
  Waker();
  ~Waker();
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;

  /// From any thread, after what the sleeper should see is written. A system call only when it sleeps.
  void wake();
  /// Sleeper only: returns when woken or after `timeout`. `ready` is asked once more after wakers can see the sleeper, so
  /// that nothing written before is slept over.
  template <class Ready>
  void wait(std::chrono::milliseconds timeout, Ready&& ready) {
    // All sides exchange, so that each reads what the one before it wrote: either `ready` sees what a waker published,
    // or the waker sees the sleeper.
    asleep_.exchange(true, std::memory_order_acq_rel);
    if (!ready()) sleep(timeout);
    asleep_.exchange(false, std::memory_order_acq_rel);
  }

 private:
  void sleep(std::chrono::milliseconds timeout);
  int descriptor_;
  std::atomic<bool> asleep_{false};
};

}  // namespace bulwark::events
