// Posting, with the count of what waits.
#include "gateway/edge/handler_responder.h"

#include <utility>

#include "gateway/edge/flow.h"

namespace bulwark::gateway {

template <class Task>
void HandlerResponder::post(Task task) {
  mailbox_->post([self = shared_from_this(), task = std::move(task)]() mutable {
    if (self->flow_.id_ == self->id_) task(self->flow_);
  });
}

void HandlerResponder::respond(std::uint16_t status, HeaderPairs headers, std::string body) {
  post([status, headers = std::move(headers), body = std::move(body)](Flow& flow) mutable {
    flow.handler_respond(status, std::move(headers), std::move(body));
  });
}

void HandlerResponder::begin(std::uint16_t status, HeaderPairs headers) {
  post([status, headers = std::move(headers)](Flow& flow) mutable {
    const std::uint64_t id = flow.id_;
    flow.handler_respond(status, std::move(headers), std::nullopt);
    if (flow.id_ == id && flow.head_sent_) flow.upstream_quiet();
  });
}

bool HandlerResponder::write(std::string chunk) {
  if (gone_.load(std::memory_order_relaxed)) return false;
  if (posted_.load(std::memory_order_relaxed) + unsent_.load(std::memory_order_relaxed) > kMaxWaiting) return false;
  posted_.fetch_add(chunk.size(), std::memory_order_relaxed);
  mailbox_->post([self = shared_from_this(), chunk = std::move(chunk)] {
    self->posted_.fetch_sub(chunk.size(), std::memory_order_relaxed);
    if (self->flow_.id_ == self->id_) self->flow_.handler_write(chunk, false);
  });
  return true;
}

void HandlerResponder::end() {
  post([](Flow& flow) { flow.handler_write({}, true); });
}

}  // namespace bulwark::gateway
