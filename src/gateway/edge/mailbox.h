// How other threads reach what lives on a worker: a post that does nothing once the worker is gone.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

#include "net/reactor.h"

namespace bulwark::gateway {

class Mailbox {
 public:
  explicit Mailbox(net::Reactor& reactor) : reactor_(&reactor) {}
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (reactor_ != nullptr) reactor_->post(std::move(task));
  }
  void close() {
    const std::lock_guard lock(mutex_);
    reactor_ = nullptr;
  }

 private:
  std::mutex mutex_;
  net::Reactor* reactor_;
};

}  // namespace bulwark::gateway
