// A handler's way back to its exchange from any thread: calls are posted to the worker and find nobody once the client left.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "gateway/edge/mailbox.h"
#include "gateway/handler.h"

namespace bulwark::gateway {

class Flow;

class HandlerResponder final : public Responder, public std::enable_shared_from_this<HandlerResponder> {
 public:
  static constexpr std::size_t kMaxWaiting = 1024 * 1024;

  HandlerResponder(std::shared_ptr<Mailbox> mailbox, Flow& flow, std::uint64_t id) : mailbox_(std::move(mailbox)), flow_(flow), id_(id) {}
  void respond(std::uint16_t status, HeaderPairs headers, std::string body) override;
  void begin(std::uint16_t status, HeaderPairs headers) override;
  bool write(std::string chunk) override;
  void end() override;

  // On the worker's thread.
  void set_unsent(std::size_t bytes) { unsent_.store(bytes, std::memory_order_relaxed); }
  void detach() { gone_.store(true, std::memory_order_relaxed); }

 private:
  template <class Task>
  void post(Task task);

  std::shared_ptr<Mailbox> mailbox_;
  Flow& flow_;  // touched on its worker's thread only, after its id was compared
  const std::uint64_t id_;
  std::atomic<std::size_t> posted_{0};  // bytes on their way to the worker
  std::atomic<std::size_t> unsent_{0};  // bytes there that the client does not take
  std::atomic<bool> gone_{false};
};

}  // namespace bulwark::gateway
