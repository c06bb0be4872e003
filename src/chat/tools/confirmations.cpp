// One map under one lock, and a thread that sleeps until the next call expires.
#include "chat/tools/confirmations.h"

#include <algorithm>

#include "base/id.h"

namespace bulwark::chat::tools {

Confirmations::~Confirmations() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (timer_.joinable()) timer_.join();
}

void Confirmations::forget_dropped() {
  std::erase_if(waiting_, [](const auto& each) { return each.second.ticket.expired(); });
}

std::shared_ptr<const Ticket> Confirmations::ask(Request request, std::chrono::milliseconds ttl, std::function<void()> decided) {
  if (request.arguments.size() > kMaxArguments) return nullptr;
  const std::lock_guard lock(mutex_);
  forget_dropped();
  const auto same = [&](const auto& each) {
    return each.second.shown.request.user == request.user && each.second.shown.request.tenant == request.tenant;
  };
  const auto own = static_cast<std::size_t>(std::count_if(waiting_.begin(), waiting_.end(), same));
  if (stopping_ || waiting_.size() >= kMaxPending || own >= kMaxPerUser) return nullptr;
  auto ticket = std::make_shared<Ticket>();
  const WallTime now = system_clock().wall();
  Waiting waiting{{TraceId::random().hex(), std::move(request), now, now + std::chrono::nanoseconds(ttl).count()},
                  system_clock().mono() + ttl,
                  ticket,
                  std::move(decided)};
  std::string id = waiting.shown.id;
  waiting_.emplace(std::move(id), std::move(waiting));
  if (!timer_.joinable()) timer_ = std::thread([this] { run(); });
  changed_.notify_all();
  return ticket;
}

/// Tells the owner outside of the lock: it may ask again from there.
void Confirmations::end(std::unique_lock<std::mutex>& lock, std::map<std::string, Waiting>::iterator at, Ticket::State state) {
  const auto node = waiting_.extract(at);
  const Waiting& waiting = node.mapped();
  if (const auto ticket = waiting.ticket.lock()) ticket->state_.store(state, std::memory_order_release);
  lock.unlock();
  if (waiting.decided) waiting.decided();
  lock.lock();
}

void Confirmations::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto next =
        std::min_element(waiting_.begin(), waiting_.end(), [](const auto& a, const auto& b) { return a.second.until < b.second.until; });
    if (next == waiting_.end()) {
      if (stopping_) return;
      changed_.wait(lock);
    } else if (stopping_ || next->second.until <= system_clock().mono()) {
      end(lock, next, Ticket::State::expired);
    } else {
      changed_.wait_until(lock, MonoTime(next->second.until));
    }
  }
}

std::vector<Confirmations::Pending> Confirmations::pending() const {
  std::vector<Pending> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, waiting] : waiting_)
      if (!waiting.ticket.expired()) all.push_back(waiting.shown);
  }
  std::sort(all.begin(), all.end(), [](const Pending& a, const Pending& b) { return std::pair(a.asked, a.id) < std::pair(b.asked, b.id); });
  return all;
}

Result<void> Confirmations::decide(std::string_view id, bool confirmed) {
  std::unique_lock lock(mutex_);
  const auto found = waiting_.find(std::string(id));
  if (found == waiting_.end() || found->second.ticket.expired())
    return client_error(Code::not_found, "no call with this id waits (any more)");
  end(lock, found, confirmed ? Ticket::State::confirmed : Ticket::State::refused);
  return {};
}

}  // namespace bulwark::chat::tools
