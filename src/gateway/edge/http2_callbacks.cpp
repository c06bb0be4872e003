// From nghttp2's C callbacks to sessions and streams. Nothing here sends; flows may be entered, since they only queue. No
// callback fails: a session that is given up says so to the client before it closes.
#include "gateway/edge/http2_callbacks.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>

#include "gateway/edge/flow.h"
#include "gateway/edge/http2.h"
#include "gateway/edge/http2_response.h"

namespace bulwark::gateway {

struct Http2Callbacks {
  static Http2Session& of(void* user) { return *static_cast<Http2Session*>(user); }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    Http2Session& session = of(user);
    int cost = 1;
    if (head->type == NGHTTP2_HEADERS) cost = -Http2Session::kOverheadPerRequest;
    if (head->type == NGHTTP2_DATA && head->length > 0) cost = -Http2Session::kOverheadPerData;
    session.spend(cost);
    return 0;
  }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    Http2Session& session = of(user);
    if (session.giving_up_) return 0;
    if (session.streams_.empty()) session.connection_.timer().arm(std::chrono::seconds(1));
    const std::int32_t id = frame->hd.stream_id;
    session.streams_.try_emplace(id, std::make_unique<Http2Stream>(session, id));
    return 0;
  }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
    Http2Session& session = of(user);
    Http2Stream* stream = session.find(frame->hd.stream_id);
    if (stream == nullptr || session.giving_up_) return 0;
    const auto limits = session.head_limits();
    const auto text = [](const std::uint8_t* bytes, std::size_t size) {
      return std::string_view(reinterpret_cast<const char*>(bytes), size);
    };
    // Trailers count towards the same limit and are dropped, as HTTP/1.1's are.
    stream->head().add(text(name, name_size), text(value, value_size), limits);
    if (stream->head().bytes() > 4 * limits.max_bytes)
      session.give_up("http2.header_bomb", "a header block that unpacks to many times the limit");
    return 0;
  }

  static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Session& session = of(user);
    session.settled_ = session.settled_ || frame->hd.type == NGHTTP2_SETTINGS;
    Http2Stream* stream = session.find(frame->hd.stream_id);
    if (stream == nullptr || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)) return 0;
    const bool ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!stream->begun())
      stream->begin(ended);
    else if (ended)
      stream->receive_end();
    return 0;
  }

  static int data_chunk(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size, void* user) {
    Http2Session& session = of(user);
    Http2Stream* stream = session.find(id);
    if (stream != nullptr)
      stream->receive({reinterpret_cast<const char*>(bytes), size});
    else
      session.consumed(id, size);
    return 0;
  }

  static int invalid_frame(nghttp2_session*, const nghttp2_frame*, int error, void* user) {
    Http2Session& session = of(user);
    if (!std::exchange(session.reported_, true))
      session.worker().report_from(session.connection_.peer(), "http2.invalid_frame", events::Severity::low, nghttp2_strerror(error));
    return 0;
  }

  static int frame_sent(nghttp2_session* frames, const nghttp2_frame* frame, void*) {
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (!ends || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)) return 0;
    // RFC 9113 §8.1: answered before the request was all there; the rest need not come.
    if (nghttp2_session_get_stream_remote_close(frames, frame->hd.stream_id) == 0)
      nghttp2_submit_rst_stream(frames, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    return 0;
  }

  static int stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
    Http2Session& session = of(user);
    const auto found = session.streams_.find(id);
    if (found == session.streams_.end()) return 0;
    const std::unique_ptr<Http2Stream> stream = std::move(found->second);
    session.streams_.erase(found);
    if (session.streams_.empty()) session.idle_since_ = session.worker().reactor().now();
    const bool unanswered = stream->in_progress() || !stream->begun();
    stream->closed(error == NGHTTP2_NO_ERROR ? "the stream was closed" : "the stream was reset");
    if (unanswered) session.note_abort();
    return 0;
  }

  static ssize_t data_source(nghttp2_session*, std::int32_t id, std::uint8_t*, std::size_t most, std::uint32_t* flags, nghttp2_data_source*,
                             void* user) {
    const Http2Stream* stream = of(user).find(id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t take = std::min(stream->pending().size(), most);
    if (take == 0 && !stream->out_ended()) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (take == stream->pending().size() && stream->out_ended()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(take);
  }

  /// Writes a DATA frame straight into the outbox: its 9 bytes of head, then the stream's waiting bytes.
  static int send_data(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head, std::size_t size, nghttp2_data_source*,
                       void* user) {
    constexpr std::size_t kFrameHead = 9;
    Http2Session& session = of(user);
    Http2Stream* stream = session.find(frame->hd.stream_id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    char* at = session.out_.reserve(session.worker().blocks(), kFrameHead + size);
    std::memcpy(at, head, kFrameHead);
    if (size > 0) std::memcpy(at + kFrameHead, stream->pending().data(), size);
    session.out_.commit(kFrameHead + size);
    stream->sent(size);
    session.spend(-Http2Session::kOverheadPerData);  // each may cost the client a WINDOW_UPDATE or two
    if (stream->take_drained()) session.drained_.push_back(stream->id());
    return 0;
  }

  static nghttp2_session_callbacks* make() {
    nghttp2_session_callbacks* made = nullptr;
    CHECK(nghttp2_session_callbacks_new(&made) == 0);
    nghttp2_session_callbacks_set_on_begin_frame_callback(made, begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data_chunk);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, invalid_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
    nghttp2_session_callbacks_set_send_data_callback(made, send_data);
    return made;
  }
};

const nghttp2_session_callbacks* http2_callbacks() {
  static const nghttp2_session_callbacks* callbacks = Http2Callbacks::make();
  return callbacks;
}

nghttp2_data_provider http2_data_provider() {
  nghttp2_data_provider provider{};
  provider.read_callback = Http2Callbacks::data_source;
  return provider;
}

}  // namespace bulwark::gateway
