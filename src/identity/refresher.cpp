// The thread behind a Refresher.
#include "identity/refresher.h"

#include <utility>

#include "base/log.h"

namespace bulwark::identity {
namespace {

MonoTime now() { return system_clock().mono(); }

}  // namespace

Refresher::Refresher(RefreshPlan plan, bool loaded) : plan_(std::move(plan)) {
  due_ = loaded ? now() + plan_.every : now();
  if (!loaded) loading_ = true;  // who comes before the thread runs waits for the first load
  last_ = now() - plan_.at_most_every;
  thread_ = std::thread([this] { run(); });
}

Refresher::~Refresher() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  for (auto& then : waiting_) then();
}

bool Refresher::demand(std::function<void()> then) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || waiting_.size() >= kMaxWaiting) return false;
    if (!loading_ && now() - last_ < plan_.at_most_every) return false;
    waiting_.push_back(std::move(then));
    if (!loading_) due_ = now();
    loading_ = true;
  }
  changed_.notify_all();
  return true;
}

void Refresher::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (now() < due_) {
      changed_.wait_until(lock, due_);
      continue;
    }
    load_once(lock);
  }
}

void Refresher::load_once(std::unique_lock<std::mutex>& lock) {
  loading_ = true;
  lock.unlock();
  const auto done = plan_.load();
  lock.lock();
  if (!done.ok() && !failing_) log::warn("{}: {}", plan_.what, to_string(done.error()));
  if (done.ok() && failing_) log::info("{}: good again", plan_.what);
  failing_ = !done.ok();
  last_ = now();
  due_ = last_ + (done.ok() ? plan_.every : std::min(plan_.every, plan_.at_most_every));
  loading_ = false;
  auto waiting = std::exchange(waiting_, {});
  lock.unlock();
  for (auto& then : waiting) then();
  lock.lock();
}

}  // namespace bulwark::identity
