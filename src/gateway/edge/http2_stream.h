// One HTTP/2 stream: a request on its way into its flow and the response on its way out, both within the stream's windows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/edge/client_side.h"
#include "gateway/edge/http2_head.h"

namespace bulwark::gateway {

class Flow;
class Http2Session;

class Http2Stream final : public ClientSide {
 public:
  Http2Stream(Http2Session& session, std::int32_t id);
  ~Http2Stream() override;

  std::int32_t id() const { return id_; }
  Http2RequestHead& head() { return head_; }
  bool begun() const { return begun_; }
  bool in_progress() const { return flow_ != nullptr; }

  /// The header block is complete; `ended`: no body follows.
  void begin(bool ended);
  /// Body bytes; what the flow does not want yet is held and, not being consumed, keeps the client's window shut.
  void receive(std::string_view bytes);
  void receive_end();
  /// The stream is over, whoever ended it.
  void closed(std::string_view why);

  /// What waits to be sent; `count` bytes of it went into a DATA frame.
  std::string_view pending() const { return std::string_view(out_).substr(sent_); }
  void sent(std::size_t count);
  bool out_ended() const { return out_ended_; }
  /// Once per use: all that waited has been sent, so that the flow may go on.
  bool take_drained();
  void drained();

  /// When something last moved that depends on the client alone, and whether anything does now.
  MonoTime client_moved() const { return client_moved_; }
  bool waits_for_client() const;
  void client_timed_out();

 private:
  // ClientSide
  std::size_t send_head(const OutgoingHead& head) override;
  void send_body(std::string_view bytes, bool last) override;
  void flush() override;
  std::size_t unsent() const override { return out_.size() - sent_; }
  void send_continue() override;
  void resume_body() override;
  void abort() override;
  void exchange_ended() override;

  void feed();

  Http2Session& session_;
  const std::int32_t id_;
  Flow* flow_ = nullptr;
  Http2RequestHead head_;
  bool begun_ = false;
  bool in_ended_ = false;   // END_STREAM has come
  bool end_taken_ = false;  // and the flow knows
  bool feeding_ = false;
  bool out_ended_ = false;
  bool has_data_ = false;  // a DATA provider was given to nghttp2
  bool was_full_ = false;
  MonoTime client_moved_{};
  std::string in_;  // at most a stream's window
  std::string out_;
  std::size_t sent_ = 0;
};

}  // namespace bulwark::gateway
