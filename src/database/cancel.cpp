// Keys and deliveries of cancel requests.
#include "database/cancel.h"

#include "base/id.h"
#include "wire/postgres/writer.h"

namespace bulwark::database {
namespace {

std::uint64_t joined(const wire::postgres::BackendKey& key) { return std::uint64_t{key.process} << 32 | key.secret; }

}  // namespace

wire::postgres::BackendKey CancelKeys::issue(Route route, std::uint32_t process) {
  const std::lock_guard lock(mutex_);
  for (;;) {
    wire::postgres::BackendKey key;
    secure_random(&key, sizeof key);
    key.process = process != 0 ? process : key.process & 0x7fffffff;
    if (routes_.try_emplace(joined(key), route).second) return key;
  }
}

void CancelKeys::retire(const wire::postgres::BackendKey& key) {
  const std::lock_guard lock(mutex_);
  routes_.erase(joined(key));
}

std::optional<CancelKeys::Route> CancelKeys::find(const wire::postgres::BackendKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = routes_.find(joined(key));
  return found == routes_.end() ? std::nullopt : std::optional(found->second);
}

CancelDelivery::CancelDelivery(net::Reactor& reactor, std::shared_ptr<const Policy> policy, wire::postgres::BackendKey key,
                               std::function<void(bool delivered)> on_end)
    : policy_(std::move(policy)), key_(key), on_end_(std::move(on_end)), leg_(reactor, [this] { run(); }), timer_(reactor, [this] {
        end(false);
      }) {}

void CancelDelivery::start() {
  timer_.arm(kTimeout);
  auto stream = net::Stream::connect(policy_->settings.upstream);
  if (!stream.ok() || !leg_.open(std::move(*stream)).ok()) end(false);
}

void CancelDelivery::run() {
  while (state_ != State::ended) {
    bool moved = leg_.fill(1024);
    moved |= step();
    moved |= leg_.flush();
    if (leg_.failed() || leg_.ended()) end(state_ == State::sent && leg_.drained());
    if (!moved) return;
  }
}

bool CancelDelivery::step() {
  switch (state_) {
    case State::connecting:
      if (!leg_.writable()) return false;
      if (policy_->upstream_tls == nullptr) return send_request(), true;
      wire::postgres::write_ssl_request(leg_.out);
      state_ = State::tls_answer;
      return true;
    case State::tls_answer:
      if (leg_.in.empty()) return false;
      if (leg_.in.view() != "S" || !leg_.start_tls_client(policy_->upstream_tls).ok()) return end(false), true;
      leg_.in.consume(1);
      state_ = State::handshake;
      return true;
    case State::handshake:
      if (leg_.handshaking()) return false;
      send_request();
      return true;
    default: return false;
  }
}

void CancelDelivery::send_request() {
  wire::postgres::write_cancel_request(leg_.out, key_);
  state_ = State::sent;
}

void CancelDelivery::end(bool delivered) {
  if (state_ == State::ended) return;
  state_ = State::ended;
  timer_.cancel();
  leg_.close();
  on_end_(delivered);
}

}  // namespace bulwark::database
