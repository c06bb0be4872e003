// The reading half: heads, bodies and tunnels out of the connection's bytes; timeouts; how a connection ends.
#include "gateway/edge/http1.h"

#include <algorithm>
#include <utility>

#include "gateway/edge/flow.h"

namespace bulwark::gateway {
namespace {

constexpr std::size_t kMaxBodyHeld = 64 * 1024;
constexpr std::chrono::seconds kHalfCloseGrace{5};  // a client that closed its half may still want the answer
constexpr std::chrono::seconds kLinger{2};          // for a client that still sends, to read our answer before a reset
constexpr std::size_t kMaxLingered = 256 * 1024;
constexpr http::Refusal kHeadTimeout{408, "http.head_timeout", "The request's head did not arrive in time."};

}  // namespace

Http1Session::Http1Session(Connection& connection) : connection_(connection) {}

Http1Session::~Http1Session() {
  in_.clear(worker().blocks());
  out_.clear(worker().blocks());
}

const http::HeadLimits& Http1Session::head_limits() const { return connection_.worker().generation()->head_limits; }

void Http1Session::on_ready(net::Readiness readiness) {
  if (readiness.failed) return connection_.close("the client reset the connection");
  if (readiness.hung_up) ended_ = true;
  if (readiness.readable || readiness.hung_up) readable_ = true;
  if (readiness.writable && out_.size() > 0) flush();
  if (connection_.closed()) return;
  if (ended_ && flow_ != nullptr && !body_open_ && !flow_->tunnelling()) await(Awaiting::half_closed);
  pump();
}

void Http1Session::await(Awaiting what) {
  awaiting_ = what;
  const Limits& limits = flow_ != nullptr ? flow_->limits() : worker().generation()->snapshot->limits;
  switch (what) {
    case Awaiting::request: return connection_.timer().arm(limits.idle_timeout);
    case Awaiting::head: return connection_.timer().arm(limits.header_timeout);
    case Awaiting::body:
    case Awaiting::client_reads: return connection_.timer().arm(limits.body_timeout);
    case Awaiting::upstream: return connection_.timer().cancel();
    case Awaiting::half_closed: return connection_.timer().arm(kHalfCloseGrace);
    case Awaiting::lingering: return connection_.timer().arm(kLinger);
  }
}

void Http1Session::on_timer() {
  switch (awaiting_) {
    case Awaiting::head: return refuse(kHeadTimeout, false);
    case Awaiting::body: return flow_ != nullptr ? flow_->body_timed_out() : connection_.close();
    case Awaiting::client_reads: return connection_.close("the client does not read");
    case Awaiting::half_closed: return connection_.close("the client left");
    default: return connection_.close();
  }
}

bool Http1Session::fill() {
  if (!readable_) return false;
  const std::size_t most = flow_ != nullptr ? kMaxBodyHeld : head_limits().max_bytes + 1024;
  const auto space = in_.space(worker().blocks(), most);
  if (space.empty()) return false;
  const net::IoResult got = connection_.stream().read(space);
  if (got.status == net::IoStatus::ok) {
    in_.received(got.bytes);
    // A short read has emptied the socket: the next byte is a new edge. Asking again would cost a system call to say so.
    if (got.drained && !ended_) readable_ = false;
    return true;
  }
  readable_ = false;
  if (got.status != net::IoStatus::would_block) on_end();
  return false;
}

/// The client sends nothing more.
void Http1Session::on_end() {
  ended_ = true;
  if (flow_ == nullptr || lingering_) return connection_.close();
  if (flow_->tunnelling()) return flow_->client_ended();
  if (body_open_) return connection_.close("the client left in the middle of its request");
  await(Awaiting::half_closed);
}

void Http1Session::pump() {
  if (in_pump_) return;  // what called us from inside goes on in the loop below
  in_pump_ = true;
  while (!connection_.closed()) {
    bool progress = false;
    if (lingering_) {
      progress = !in_.empty();
      linger();
    } else if (flow_ == nullptr) {
      if (!keep_alive_ || out_.size() > 0) break;  // the last response's bytes leave first
      progress = read_head();
    } else if (body_open_ || flow_->tunnelling()) {
      if (!in_.empty() && !flow_->wants_body()) {
        if (awaiting_ == Awaiting::body) await(Awaiting::upstream);
        break;
      }
      progress = body_open_ ? read_body() : read_tunnel();
    } else {
      break;  // one request at a time: what is pipelined behind it waits
    }
    if (connection_.closed() || (!progress && !fill())) break;
  }
  in_pump_ = false;
  if (flow_ == nullptr && !connection_.closed() && in_.empty()) in_.shrink(worker().blocks());
}

bool Http1Session::read_head() {
  if (in_.empty()) {
    if (draining_) return connection_.close(), false;
    if (awaiting_ != Awaiting::request) await(Awaiting::request);
    return false;
  }
  switch (scanner_.scan(in_.unread(), head_limits())) {
    case http::HeadScanner::State::refused: return refuse(scanner_.refusal(), false), true;
    case http::HeadScanner::State::complete: return begin(scanner_.size()), true;
    case http::HeadScanner::State::more: break;
  }
  if (awaiting_ != Awaiting::head) await(Awaiting::head);
  return false;
}

void Http1Session::begin(std::size_t head_size) {
  http::RequestHead& head = worker().scratch();
  const std::string_view text = in_.unread().substr(scanner_.skipped(), head_size - scanner_.skipped());
  if (const auto bad = http::parse_request_head(text, head_limits(), head)) return refuse(bad, true);
  in_.pin(head_size);
  scanner_.reset();
  flow_ = &worker().take_flow();
  flow_->prepare(*this, connection_.peer());
  Request& request = flow_->exchange().request;
  request.method = head.method;
  request.target = head.target;
  request.path = head.path;
  request.query = head.query;
  request.authority = head.authority;
  request.version = version_ = head.version;
  request.secure = connection_.stream().encrypted();
  request.websocket = head.websocket;
  std::swap(request.headers.list, head.fields);
  const Flow::RequestBody body{head.body, head.content_length, head.expect_continue};
  keep_alive_ = head.keep_alive && !draining_;
  body_open_ = !body.empty();
  chunked_in_ = head.body == http::BodyKind::chunked;
  body_left_ = head.content_length;
  if (chunked_in_) chunks_.reset();
  await(body_open_ ? Awaiting::body : ended_ ? Awaiting::half_closed : Awaiting::upstream);
  flow_->begin(body, head_size);
}

void Http1Session::refuse(const http::Refusal& refusal, bool parsed) {
  const http::RequestHead& head = worker().scratch();
  keep_alive_ = false;
  body_open_ = true;  // nobody knows where this request ends
  const std::string_view raw = in_.unread();
  in_.pin(raw.size());
  flow_ = &worker().take_flow();
  flow_->prepare(*this, connection_.peer());
  Request& request = flow_->exchange().request;
  if (parsed) {
    request.method = head.method;
    request.path = head.path;
    request.authority = head.authority;
  }
  request.secure = connection_.stream().encrypted();
  await(Awaiting::upstream);
  flow_->refuse(refusal, raw);
}

bool Http1Session::read_body() {
  if (in_.empty()) {
    if (awaiting_ != Awaiting::client_reads) await(Awaiting::body);
    return false;
  }
  const std::string_view bytes = in_.unread();
  if (!chunked_in_) {
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), body_left_));
    in_.consume(take);
    body_left_ -= take;
    if (body_left_ == 0) body_open_ = false;
    if (!body_open_ && awaiting_ == Awaiting::body) await(Awaiting::upstream);
    flow_->take_body(bytes.substr(0, take), !body_open_);
    return true;
  }
  auto step = chunks_.next(bytes);
  in_.consume(step.consumed);
  std::string_view data = step.data;
  if (step.state == http::ChunkedDecoder::State::data && !in_.empty()) {
    // Often the end came with the last data: one write upstream then, and one decision.
    step = chunks_.next(in_.unread());
    in_.consume(step.consumed);
    if (step.state == http::ChunkedDecoder::State::data) {
      flow_->take_body(data, false);
      data = step.data;
    }
  }
  if (flow_ == nullptr) return true;
  if (step.state == http::ChunkedDecoder::State::refused) return flow_->body_refused(chunks_.refusal()), true;
  body_open_ = step.state != http::ChunkedDecoder::State::done;
  if (!body_open_ && awaiting_ == Awaiting::body) await(Awaiting::upstream);
  if (!data.empty() || !body_open_) flow_->take_body(data, !body_open_);
  return true;
}

bool Http1Session::read_tunnel() {
  if (in_.empty()) return false;
  const std::string_view bytes = in_.unread();
  in_.consume(bytes.size());
  flow_->take_body(bytes, false);
  return true;
}

/// What the client still sends is read and thrown away for a while, so that a reset does not overtake our answer.
void Http1Session::linger() {
  lingered_ += in_.unread().size();
  in_.consume(in_.unread().size());
  if (lingered_ > kMaxLingered) connection_.close();
}

void Http1Session::resume_body() { pump(); }

void Http1Session::exchange_ended() {
  flow_ = nullptr;
  if (connection_.closed()) return;
  in_.unpin(worker().blocks());
  if (out_.size() > 0) return await(Awaiting::client_reads);
  if (!keep_alive_) return begin_linger();
  pump();
}

void Http1Session::begin_linger() {
  connection_.stream().shutdown_write();
  if (ended_ && !readable_) return connection_.close();
  lingering_ = true;
  await(Awaiting::lingering);
  pump();
}

void Http1Session::drain() {
  draining_ = true;
  keep_alive_ = keep_alive_ && flow_ == nullptr && !in_.empty();
  if (flow_ == nullptr && in_.empty() && out_.size() == 0) connection_.close();
}

void Http1Session::on_close(std::string_view why) {
  if (flow_ != nullptr) flow_->client_gone(why.empty() ? "the connection was closed" : why);
}

}  // namespace bulwark::gateway
