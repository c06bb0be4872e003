// The session: bytes in and out, time, floods, and how a connection ends.
#include "gateway/edge/http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/edge/flow.h"
#include "gateway/edge/http2_callbacks.h"

namespace bulwark::gateway {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kMaxQueued = 256 * 1024;     // framed and not taken by the socket yet
constexpr std::chrono::milliseconds kLook{1'000};  // how often streams that wait for the client are looked at
constexpr std::size_t kMaxOutboundAcks = 100;
constexpr std::size_t kMaxSettings = 32;
constexpr std::size_t kMaxContinuations = 8;

/// Sessions of this thread that have something to send at the end of the turn. A session that goes takes itself out.
thread_local std::vector<Http2Session*> sessions_to_send;

using OptionOwner = std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)>;

OptionOwner make_options() {
  nghttp2_option* made = nullptr;
  nghttp2_option_new(&made);
  OptionOwner options(made, nghttp2_option_del);
  if (made == nullptr) return options;
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  nghttp2_option_set_max_outbound_ack(made, kMaxOutboundAcks);
  nghttp2_option_set_max_settings(made, kMaxSettings);
  nghttp2_option_set_max_continuations(made, kMaxContinuations);
  nghttp2_option_set_server_fallback_rfc7540_priorities(made, 0);
  return options;
}

std::string_view rule_of(int error) {
  switch (error) {
    case NGHTTP2_ERR_FLOODED: return "http2.flood";
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: return "http2.continuation_flood";
    default: return "http2.protocol_error";
  }
}

}  // namespace

Http2Session::Http2Session(Connection& connection) : connection_(connection) {}

Http2Session::~Http2Session() {
  if (send_due_) std::erase(sessions_to_send, this);
  nghttp2_session_del(session_);
  out_.clear(worker().blocks());
}

Result<std::unique_ptr<Http2Session>> Http2Session::create(Connection& connection) {
  std::unique_ptr<Http2Session> made(new Http2Session(connection));
  const OptionOwner options = make_options();
  if (!options || nghttp2_session_server_new2(&made->session_, http2_callbacks(), made.get(), options.get()) != 0)
    return internal_error(Code::exhausted, "no memory for an HTTP/2 session");
  const Limits& limits = made->worker().generation()->snapshot->limits;
  const std::array<nghttp2_settings_entry, 4> settings{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMaxStreams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.max_header_bytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  if (nghttp2_submit_settings(made->session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) != 0 ||
      nghttp2_session_set_local_window_size(made->session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow) != 0)
    return internal_error(Code::exhausted, "no memory for an HTTP/2 session");
  made->idle_since_ = made->worker().reactor().now();
  made->send_soon();
  return made;
}

const http::HeadLimits& Http2Session::head_limits() const { return connection_.worker().generation()->head_limits; }

void Http2Session::on_ready(net::Readiness readiness) {
  if (readiness.failed) return connection_.close("the client reset the connection");
  if (readiness.readable || readiness.hung_up) read(readiness.hung_up);
  if (!connection_.closed()) send();
}

void Http2Session::read(bool hung_up) {
  thread_local std::array<char, kReadBytes> buffer;
  while (!connection_.closed() && !giving_up_) {
    const net::IoResult got = connection_.stream().read(buffer);
    if (got.status == net::IoStatus::would_block) return;
    if (got.status != net::IoStatus::ok) return connection_.close("the client left");
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(buffer.data());
    const ssize_t used = nghttp2_session_mem_recv(session_, bytes, got.bytes);
    if (used < 0) return give_up(rule_of(static_cast<int>(used)), nghttp2_strerror(static_cast<int>(used)));
    if (got.drained && !hung_up) return;
  }
}

void Http2Session::send_soon() {
  if (send_due_ || connection_.closed()) return;
  send_due_ = true;
  sessions_to_send.push_back(this);
  if (sessions_to_send.size() == 1) worker().reactor().defer(send_all);
}

void Http2Session::send_all() {
  for (Http2Session* session : std::exchange(sessions_to_send, {})) {  // none goes meanwhile: connections are buried by another task
    session->send_due_ = false;
    if (!session->connection_.closed()) session->send();
  }
}

/// Frames what is queued; false when nghttp2 failed.
bool Http2Session::pull() {
  while (out_.size() < kMaxQueued) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t count = nghttp2_session_mem_send(session_, &bytes);
    if (count < 0) return false;
    if (count == 0) return true;
    out_.append(worker().blocks(), {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count)});
  }
  return true;
}

void Http2Session::send() {
  while (true) {
    if (!pull()) return connection_.close("out of memory");
    const std::size_t queued = out_.size();
    if (queued > 0 && out_.send(worker().blocks(), connection_.stream()) > net::IoStatus::would_block)
      return connection_.close("the client left");
    finish_drained();
    if (connection_.closed()) return;
    if (out_.size() > 0 || queued == 0) break;
  }
  close_if_done();
}

/// Flows that stopped because the client was slow go on; they may queue more.
void Http2Session::finish_drained() {
  for (const auto id : std::exchange(drained_, {}))
    if (auto* stream = find(id); stream != nullptr) stream->drained();
}

void Http2Session::close_if_done() {
  const bool silent = nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
  if (out_.size() > 0) return;
  if (silent || giving_up_ || (last_goaway_sent_ && streams_.empty())) connection_.close();
}

void Http2Session::consumed(std::int32_t stream, std::size_t bytes) {
  if (bytes == 0 || connection_.closed()) return;
  nghttp2_session_consume(session_, stream, bytes);
  send_soon();
}

void Http2Session::on_timer() {
  const MonoTime now = worker().reactor().now();
  const Limits& limits = worker().generation()->snapshot->limits;
  if (!settled_) return connection_.close("no HTTP/2 preface in time");
  if (draining_ && !last_goaway_sent_) {
    last_goaway_sent_ = true;
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR, nullptr, 0);
  }
  if (streams_.empty()) {
    const Duration left = limits.idle_timeout - (now - idle_since_);
    if (left > Duration::zero() && !draining_) return connection_.timer().arm(left);
    nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
    giving_up_ = true;
    return send();
  }
  std::vector<Http2Stream*> late;
  for (auto& [id, stream] : streams_) {
    const Duration patience = stream->begun() ? limits.body_timeout : limits.header_timeout;
    if (stream->waits_for_client() && now - stream->client_moved() > patience) late.push_back(stream.get());
  }
  for (auto* stream : late) stream->client_timed_out();  // streams themselves only go within send() and read()
  connection_.timer().arm(kLook);
  send();
}

void Http2Session::drain() {
  if (std::exchange(draining_, true)) return;
  nghttp2_submit_shutdown_notice(session_);  // RFC 9113 §6.8: streams that are on their way are still taken
  connection_.timer().arm(kLook);
  send_soon();
}

void Http2Session::on_close(std::string_view why) {
  for (auto& [id, stream] : streams_) stream->closed(why.empty() ? "the connection was closed" : why);
}

void Http2Session::give_up(std::string_view rule, std::string_view message) {
  if (std::exchange(giving_up_, true)) return;
  worker().report_from(connection_.peer(), rule, events::Severity::medium, std::string(message));
  nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
  send_soon();
}

void Http2Session::spend(int overhead) {
  budget_ = std::min(budget_ - overhead, kOverheadBudget);
  if (budget_ < 0) give_up("http2.flood", "more control frames than requests and data explain");
}

void Http2Session::note_abort() {
  const MonoTime now = worker().reactor().now();
  const double passed = std::chrono::duration<double>(now - aborts_at_).count();
  aborts_at_ = now;
  aborts_ = std::max(0.0, aborts_ - passed * kAbortsPerSecond) + 1;
  if (aborts_ > kAbortBurst) give_up("http2.rapid_reset", "streams are ended before their answer faster than people do");
}

Http2Stream* Http2Session::find(std::int32_t id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

}  // namespace bulwark::gateway
