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
  if (asleep_.exchange(false, std::memory_order_acq_rel)) (void)eventfd_write(descriptor_, 1);
}

void Waker::sleep(std::chrono::milliseconds timeout) {
  pollfd waiting{descriptor_, POLLIN, 0};
  if (poll(&waiting, 1, static_cast<int>(timeout.count())) > 0) {
    eventfd_t count = 0;
    (void)eventfd_read(descriptor_, &count);
  }
}

}  // namespace bulwark::events
