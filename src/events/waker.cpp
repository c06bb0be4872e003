// Sleeping on an eventfd.
#include "events/waker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"

namespace bulwark::events {

Waker::Waker() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { CHECK(descriptor_ >= 0); }

Waker::~Waker() { close(descriptor_); }

void Waker::wake() {
  // Pairs with the store in wait(): either the sleeper's last look sees what was written, or this sees it asleep.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!asleep_.load(std::memory_order_relaxed) || !asleep_.exchange(false)) return;
  (void)eventfd_write(descriptor_, 1);
}

void Waker::sleep(std::chrono::milliseconds timeout) {
  pollfd waiting{descriptor_, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(timeout.count())) > 0) {
    eventfd_t count = 0;
    (void)eventfd_read(descriptor_, &count);
  }
}

}  // namespace bulwark::events
