// Connecting, reading responses, writing requests; every loop ends when its user pauses, detaches or nothing more is there.
#include "gateway/upstream/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "gateway/edge/worker.h"
#include "gateway/upstream/pool.h"
#include "wire/http/refusals.h"

namespace bulwark::gateway {
namespace {

using Failure = UpstreamUser::Failure;
constexpr http::HeadLimits kHeadLimits{.max_bytes = UpstreamConnection::kMaxHeadBytes, .max_fields = Headers::kMax};
constexpr std::size_t kMaxHeld = UpstreamConnection::kMaxHeadBytes + 1024;

}  // namespace

UpstreamConnection::UpstreamConnection(std::shared_ptr<UpstreamPool> pool, std::size_t server) : pool_(std::move(pool)), server_(server) {}

UpstreamConnection::~UpstreamConnection() { close(); }

void UpstreamConnection::close() {
  state_ = State::closed;
  user_ = nullptr;
  if (!stream_.open()) return;
  pool_->worker().reactor().remove(stream_.fd(), *this);
  stream_.close();
  in_.clear(pool_->worker().blocks());
  out_.clear(pool_->worker().blocks());
}

Result<void> UpstreamConnection::open(UpstreamUser& user) {
  user_ = &user;
  stream_ = TRY(net::Stream::connect(pool_->settings().servers[server_]));
  state_ = State::connecting;
  return pool_->worker().reactor().add(stream_.fd(), *this);  // a socket that is still connecting reports when it is done
}

void UpstreamConnection::attach(UpstreamUser& user) {
  user_ = &user;
  state_ = State::head;
  reused_ = true;
  paused_ = request_ended_ = any_byte_ = false;
  scanner_.reset();
}

void UpstreamConnection::detach() { user_ = nullptr; }

bool UpstreamConnection::still_open() {
  if (ended_) return false;
  if (stream_.encrypted()) return true;  // what waits may be a ticket; a request that must not be sent twice is never retried
  char byte = 0;
  const ssize_t got = ::recv(stream_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void UpstreamConnection::become_idle(MonoTime now) {
  user_ = nullptr;
  state_ = State::idle;
  idle_since_ = now;
  in_.clear(pool_->worker().blocks());
}

bool UpstreamConnection::reusable() const {
  return state_ == State::done && !tunnel_ && !ended_ && head_.keep_alive && request_sent() && in_.empty();
}

char* UpstreamConnection::reserve(std::size_t bytes) { return out_.reserve(pool_->worker().blocks(), bytes); }
void UpstreamConnection::commit(std::size_t bytes) { out_.commit(bytes); }

void UpstreamConnection::send(std::string_view bytes, bool chunked, bool last) {
  request_ended_ = last;
  char head[http::kMaxChunkHead];
  std::string_view parts[4] = {bytes, {}, {}, {}};
  if (chunked) {
    parts[0] = bytes.empty() ? std::string_view() : std::string_view(head, http::write_chunk_head(bytes.size(), head));
    parts[1] = bytes;
    parts[2] = bytes.empty() ? "" : "\r\n";
    parts[3] = last ? "0\r\n\r\n" : "";
  }
  after_write(out_.send(pool_->worker().blocks(), stream_, parts));
}

void UpstreamConnection::send_raw(std::string_view bytes) {
  const std::string_view parts[1] = {bytes};
  after_write(out_.send(pool_->worker().blocks(), stream_, parts));
}

void UpstreamConnection::flush() {
  if (out_.size() > 0) after_write(out_.send(pool_->worker().blocks(), stream_));
}

/// A server may answer and close before it has read everything: what it said is read before the failure counts.
void UpstreamConnection::after_write(net::IoStatus status) {
  if (status != net::IoStatus::failed) return;
  out_.clear(pool_->worker().blocks());
  ended_ = readable_ = true;  // a hang-up event follows, or has come in this turn
}

void UpstreamConnection::shutdown_write() { stream_.shutdown_write(); }

void UpstreamConnection::resume() {
  if (!paused_) return;
  paused_ = false;
  pump();
}

void UpstreamConnection::on_ready(net::Readiness readiness) {
  if (user_ == nullptr && state_ != State::idle) return;  // given up in this turn, gone at its end
  if (readiness.hung_up) ended_ = true;
  if (readiness.readable || readiness.hung_up) readable_ = true;
  switch (state_) {
    case State::connecting:
      if (readiness.writable || readiness.hung_up) connected();
      return;
    case State::securing: return secure();
    case State::idle:
      // TLS 1.3 tickets may come at any time; anything else from an idle server, its FIN above all, ends the connection.
      if (!readable_) return;
      if (char byte = 0; !ended_ && stream_.encrypted() && stream_.read({&byte, 1}).status == net::IoStatus::would_block) {
        readable_ = false;
        return;
      }
      return pool_->drop_idle(*this);
    default: break;
  }
  if (readiness.writable && out_.size() > 0) {
    after_write(out_.send(pool_->worker().blocks(), stream_));
    if (out_.size() == 0 && user_ != nullptr) user_->upstream_drained();
  }
  if (user_ != nullptr) pump();
}

void UpstreamConnection::connected() {
  if (auto finished = stream_.finish_connect(); !finished.ok()) return fail(Failure::Kind::connect, finished.error().message);
  const auto& settings = pool_->settings();
  if (settings.tls == nullptr) {
    state_ = State::head;
    return user_->upstream_ready();
  }
  if (auto started = stream_.start_tls_client(settings.tls, settings.tls_server_name); !started.ok())
    return fail(Failure::Kind::connect, started.error().message);
  state_ = State::securing;
  secure();
}

void UpstreamConnection::secure() {
  switch (stream_.handshake()) {
    case net::IoStatus::would_block: return;
    case net::IoStatus::ok:
      state_ = State::head;
      readable_ = true;  // the last flight may have brought more
      return user_->upstream_ready();
    default: return fail(Failure::Kind::connect, "TLS: " + stream_.last_failure());
  }
}

bool UpstreamConnection::fill() {
  if (!readable_) return false;
  const auto space = in_.space(pool_->worker().blocks(), kMaxHeld);
  if (space.empty()) return false;
  const net::IoResult got = stream_.read(space);
  if (got.status == net::IoStatus::ok) {
    in_.received(got.bytes);
    any_byte_ = true;
    if (got.drained && !ended_) readable_ = false;
    return true;
  }
  readable_ = false;
  if (got.status == net::IoStatus::would_block) return false;
  ended_ = true;
  const bool until_close = state_ == State::body && (tunnel_ || head_.body == http::BodyKind::until_close);
  if (got.status == net::IoStatus::closed && until_close && in_.empty()) {
    deliver({}, true);
  } else {
    fail(Failure::Kind::closed, got.status == net::IoStatus::closed ? "the server closed the connection" : stream_.last_failure());
  }
  return false;
}

void UpstreamConnection::pump() {
  if (in_pump_) return;  // what resumed us from inside goes on in the loop below
  in_pump_ = true;
  while (user_ != nullptr && !paused_ && (state_ == State::head || state_ == State::body)) {
    const bool progress = state_ == State::head ? read_head() : read_body();
    if (progress) continue;
    if (user_ == nullptr || paused_ || state_ == State::closed || state_ == State::done) break;
    if (fill()) continue;
    if (user_ != nullptr) user_->upstream_quiet();
    break;
  }
  in_pump_ = false;
}

bool UpstreamConnection::read_head() {
  if (in_.empty()) return false;
  switch (scanner_.scan(in_.unread(), kHeadLimits)) {
    case http::HeadScanner::State::more: return false;
    case http::HeadScanner::State::refused: return fail(Failure::Kind::malformed, {}, scanner_.refusal()), false;
    case http::HeadScanner::State::complete: break;
  }
  const std::size_t size = scanner_.size();
  const std::string_view text = in_.unread().substr(0, size);
  if (const auto bad = http::parse_response_head(text, to_head_, kHeadLimits, head_)) return fail(Failure::Kind::malformed, {}, bad), false;
  scanner_.reset();
  if (head_.status < 200 && head_.status != 101) {
    in_.consume(size);
    user_->upstream_continue();
    return true;
  }
  in_.pin(size);
  chunks_.reset();
  body_left_ = head_.body == http::BodyKind::length ? head_.content_length : 0;
  state_ = State::body;
  const bool no_body =
      !head_.websocket && (head_.body == http::BodyKind::none || (head_.body == http::BodyKind::length && body_left_ == 0));
  UpstreamUser* user = user_;
  user->upstream_head(head_);
  if (no_body && user_ == user) deliver({}, true);
  return true;
}

bool UpstreamConnection::read_body() {
  if (in_.empty()) return false;
  return take_body(in_.unread());
}

bool UpstreamConnection::take_body(std::string_view bytes) {
  if (tunnel_ || head_.body == http::BodyKind::until_close) {
    in_.consume(bytes.size());
    deliver(bytes, false);
    return true;
  }
  if (head_.body == http::BodyKind::length) {
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), body_left_));
    in_.consume(take);
    body_left_ -= take;
    deliver(bytes.substr(0, take), body_left_ == 0);
    return true;
  }
  const auto step = chunks_.next(bytes);
  in_.consume(step.consumed);
  switch (step.state) {
    case http::ChunkedDecoder::State::data: {
      // The end of a short body often came with it: then both leave in one write.
      const auto after = chunks_.next(in_.unread());
      in_.consume(after.consumed);
      if (after.state == http::ChunkedDecoder::State::data) {
        deliver(step.data, false);
        if (user_ != nullptr) deliver(after.data, false);
        return true;
      }
      if (after.state == http::ChunkedDecoder::State::refused) return fail(Failure::Kind::malformed, {}, chunks_.refusal()), false;
      deliver(step.data, after.state == http::ChunkedDecoder::State::done);
      return true;
    }
    case http::ChunkedDecoder::State::done: return deliver({}, true), true;
    case http::ChunkedDecoder::State::refused: return fail(Failure::Kind::malformed, {}, chunks_.refusal()), false;
    case http::ChunkedDecoder::State::more: return false;
  }
  return false;
}

void UpstreamConnection::deliver(std::string_view bytes, bool last) {
  if (last) state_ = State::done;
  user_->upstream_body(bytes, last);
}

void UpstreamConnection::fail(Failure::Kind kind, std::string message, const http::Refusal& refusal) {
  const bool before = !any_byte_;
  UpstreamUser* user = std::exchange(user_, nullptr);
  close();
  if (user != nullptr) user->upstream_failed({kind, before, refusal, std::move(message)});
}

}  // namespace bulwark::gateway
