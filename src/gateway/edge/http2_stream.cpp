// A stream's two directions.
#include "gateway/edge/http2_stream.h"

#include <nghttp2/nghttp2.h>

#include <array>
#include <utility>

#include "gateway/edge/flow.h"
#include "gateway/edge/http2.h"
#include "gateway/edge/http2_response.h"

namespace bulwark::gateway {

Http2Stream::Http2Stream(Http2Session& session, std::int32_t id)
    : session_(session), id_(id), client_moved_(session.worker().reactor().now()) {}

Http2Stream::~Http2Stream() { CHECK(flow_ == nullptr); }

void Http2Stream::begin(bool ended) {
  begun_ = true;
  in_ended_ = ended;
  client_moved_ = session_.worker().reactor().now();
  Worker& worker = session_.worker();
  http::RequestHead& head = worker.scratch();
  const http::Refusal refusal = head_.finish(session_.head_limits(), head);
  flow_ = &worker.take_flow();
  flow_->prepare(*this, session_.connection().peer());
  Request& request = flow_->exchange().request;
  request.secure = session_.connection().stream().encrypted();
  request.version = 20;
  if (refusal) {
    end_taken_ = true;  // what else comes is thrown away
    return flow_->refuse(refusal);
  }
  request.method = head.method;
  request.target = head.target;
  request.path = head.path;
  request.query = head.query;
  request.authority = head.authority;
  std::swap(request.headers.list, head.fields);
  Flow::RequestBody body{head.body, head.content_length, head.expect_continue};
  if (ended)
    body = {};
  else if (body.kind == http::BodyKind::none)
    body.kind = http::BodyKind::chunked;  // of unknown length
  end_taken_ = body.empty();
  flow_->begin(body, head_.bytes());
}

void Http2Stream::receive(std::string_view bytes) {
  client_moved_ = session_.worker().reactor().now();
  if (flow_ == nullptr || end_taken_) return session_.consumed(id_, bytes.size());
  in_.append(bytes);
  feed();
}

void Http2Stream::receive_end() {
  in_ended_ = true;
  if (flow_ != nullptr && !end_taken_) feed();
}

void Http2Stream::feed() {
  if (feeding_) return;  // called back from inside take_body(): the loop below goes on
  feeding_ = true;
  while (flow_ != nullptr && !end_taken_ && (!in_.empty() || in_ended_) && flow_->wants_body()) {
    const std::string bytes = std::exchange(in_, {});
    session_.consumed(id_, bytes.size());
    end_taken_ = in_ended_;
    flow_->take_body(bytes, end_taken_);
  }
  feeding_ = false;
}

void Http2Stream::resume_body() {
  client_moved_ = session_.worker().reactor().now();
  feed();
}

void Http2Stream::closed(std::string_view why) {
  if (!in_.empty()) session_.consumed(id_, std::exchange(in_, {}).size());
  if (flow_ != nullptr) flow_->client_gone(why);
}

std::size_t Http2Stream::send_head(const OutgoingHead& head) {
  Http2ResponseHead fields(head, session_.worker().date());
  has_data_ = head.body != http::BodyKind::none && !(head.body == http::BodyKind::length && head.content_length == 0);
  nghttp2_data_provider provider = http2_data_provider();
  nghttp2_submit_response(session_.frames(), id_, fields.list().data(), fields.list().size(), has_data_ ? &provider : nullptr);
  session_.send_soon();
  return fields.bytes();
}

void Http2Stream::send_body(std::string_view bytes, bool last) {
  out_.append(bytes);
  out_ended_ = out_ended_ || last;
  if (unsent() > kHighWater) was_full_ = true;
  if (has_data_) nghttp2_session_resume_data(session_.frames(), id_);
  session_.send_soon();
}

void Http2Stream::sent(std::size_t count) {
  sent_ += count;
  client_moved_ = session_.worker().reactor().now();
  if (sent_ < out_.size()) return;
  out_.clear();
  sent_ = 0;
}

bool Http2Stream::take_drained() { return unsent() == 0 && flow_ != nullptr && std::exchange(was_full_, false); }
void Http2Stream::drained() {
  if (flow_ != nullptr) flow_->client_drained();
}

void Http2Stream::flush() { session_.send_soon(); }

void Http2Stream::send_continue() {
  if (in_ended_ || !in_.empty()) return;  // it did not wait for it
  const nghttp2_nv status = http2_field(":status", "100");
  nghttp2_submit_headers(session_.frames(), NGHTTP2_FLAG_NONE, id_, nullptr, &status, 1, nullptr);
  session_.send_soon();
}

void Http2Stream::abort() {
  nghttp2_submit_rst_stream(session_.frames(), NGHTTP2_FLAG_NONE, id_, NGHTTP2_INTERNAL_ERROR);
  session_.send_soon();
}

void Http2Stream::exchange_ended() {
  flow_ = nullptr;
  if (!in_.empty()) session_.consumed(id_, std::exchange(in_, {}).size());
  end_taken_ = true;
}

bool Http2Stream::waits_for_client() const {
  if (!begun_ || unsent() > 0) return true;
  return flow_ != nullptr && !in_ended_ && !end_taken_ && in_.empty();
}

void Http2Stream::client_timed_out() {
  if (flow_ != nullptr && unsent() == 0 && begun_) return flow_->body_timed_out();
  if (!begun_)
    session_.worker().report_from(session_.connection().peer(), "http.head_timeout", events::Severity::medium,
                                  "a header block did not end in time");
  nghttp2_submit_rst_stream(session_.frames(), NGHTTP2_FLAG_NONE, id_, NGHTTP2_CANCEL);
  session_.send_soon();
}

}  // namespace bulwark::gateway
