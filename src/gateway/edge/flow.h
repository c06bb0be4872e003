// Drives one exchange from its parsed head to the last byte of its response: control, route, stages, body, upstream or handler,
// events. Protocols push the request in, the upstream connection pushes the response in; back-pressure goes the other way.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/edge/client_side.h"
#include "gateway/edge/worker.h"
#include "gateway/exchange.h"
#include "gateway/handler.h"
#include "gateway/upstream/connection.h"
#include "net/reactor.h"

namespace bulwark::gateway {

class HandlerResponder;

class Flow final : private UpstreamUser {
 public:
  explicit Flow(Worker& worker);
  ~Flow() override;

  Exchange& exchange() { return exchange_; }

  // --- for the client's protocol: fill in exchange().request, then begin() or refuse() ---

  /// What the head says about its body.
  struct RequestBody {
    http::BodyKind kind = http::BodyKind::none;
    std::uint64_t length = 0;
    bool expect_continue = false;
    bool empty() const { return kind == http::BodyKind::none || (kind == http::BodyKind::length && length == 0); }
  };
  void prepare(ClientSide& client, const Endpoint& peer);
  void begin(const RequestBody& body, std::size_t head_bytes);
  /// The request cannot be taken: answers with the reason and an event.
  void refuse(const http::Refusal& refusal, std::string_view raw = {});
  /// False: not now; ClientSide::resume_body() follows.
  bool wants_body();
  /// Body bytes, unframed, after wants_body(); `last` exactly once if a body was announced. In a tunnel likewise, without `last`.
  void take_body(std::string_view bytes, bool last);
  void body_refused(const http::Refusal& refusal);  ///< its framing is malformed
  void body_timed_out();
  bool tunnelling() const { return tunnel_; }
  void client_ended();                     ///< in a tunnel: the client's half is over
  void client_drained();                   ///< ClientSide::unsent() fell to nothing
  void client_gone(std::string_view why);  ///< no response can reach it any more
  bool request_complete() const { return request_complete_; }
  bool response_begun() const { return head_sent_; }
  const Limits& limits() const;
  void recycle();  ///< by the worker, once nothing of the last use is on the stack

 private:
  friend class HandlerResponder;
  enum class Step : std::uint8_t { idle, stages, body, upstream, handler, response, ended };

  // flow.cpp: the request
  bool refused_by_control();
  void identify();  ///< the client's address, the trace
  void run(Phase phase, std::size_t from);
  void after(Phase phase);
  void after_request_head();
  void dispatch();
  void resume(std::uint64_t id);
  void enter_in_flight();
  void keep_body(std::string_view bytes, bool last);
  void stream_body(std::string_view bytes, bool last);
  void filter_and_send(std::string_view bytes, bool last);
  std::function<void()> make_resumer();

  // flow_upstream.cpp
  void go_upstream(std::optional<std::size_t> avoid);
  void go_again();
  bool tried_elsewhere();
  void write_request();
  bool streams_body() const { return !keep_whole_ && !body_.empty(); }
  bool replayable() const;
  void upstream_ready() override;
  void upstream_head(http::ResponseHead& head) override;
  void upstream_body(std::string_view bytes, bool last) override;
  void upstream_continue() override;
  void upstream_quiet() override;
  void upstream_drained() override;
  void upstream_failed(const Failure& failure) override;
  void upstream_timed_out();
  void release_upstream(bool healthy);
  void arm_upstream(std::chrono::milliseconds after);

  // flow_response.cpp
  void after_response_head();
  void send_head();
  void send_body(std::string_view bytes, bool last);
  void send_filtered(std::string_view bytes, bool last, std::size_t from);
  void send_whole_response();
  void send_begun();
  void start_tunnel();
  void answer_denial();
  void answer(std::uint16_t status, HeaderPairs fields, std::string body);
  /// Our own machinery's or the upstream's failure, or a refusal: `rule` (static) and `message` are for the event.
  void answer_problem(std::uint16_t status, std::string_view rule, std::string_view detail, std::string message);
  void take_own_fields(HeaderPairs fields);
  void cut_off(std::string_view rule, std::string message);
  void begin_handler();
  void handler_respond(std::uint16_t status, HeaderPairs fields, std::optional<std::string> body);
  void handler_write(std::string_view chunk, bool last);

  // flow_events.cpp
  void conclude();  ///< phase finished, events; once, before the last bytes leave
  void publish_access();
  std::string_view access_detail() const;
  void publish_findings();
  void end();

  const Pipeline* pipeline() const { return exchange_.route != nullptr ? &exchange_.route->pipeline : nullptr; }

  Worker& worker_;
  std::uint64_t id_ = 0;  // of this use of the object; late callbacks compare it
  ClientSide* client_ = nullptr;
  Endpoint peer_;
  std::shared_ptr<const Generation> generation_;
  Exchange exchange_;
  Step step_ = Step::idle;
  Phase phase_ = Phase::request_head;
  std::size_t resume_at_ = 0;
  bool waiting_ = false;

  RequestBody body_;
  bool request_complete_ = false;
  bool keep_whole_ = false;  // the request's body is collected first
  std::size_t body_limit_ = 0;
  std::uint64_t body_received_ = 0;
  std::uint64_t body_streamed_ = 0;
  std::string whole_request_;
  std::string filtered_;  // reused between chunks

  std::unique_ptr<UpstreamConnection> upstream_;
  UpstreamPool* pool_ = nullptr;  // kept alive by generation_
  bool upstream_ready_ = false;
  bool chunked_upstream_ = false;
  bool resume_wanted_ = false;  // the client side holds body bytes back for us
  unsigned attempts_ = 0;
  unsigned rounds_ = 0;  // how often a stage said `again`
  bool counted_ = false;
  std::size_t server_ = 0;
  net::Timer upstream_timer_;

  http::BodyKind response_kind_ = http::BodyKind::none;
  std::uint64_t response_length_ = 0;
  bool response_has_length_ = false;
  bool response_complete_ = false;  // all of it has come
  bool keep_whole_response_ = false;
  std::string whole_response_;
  HeaderPairs own_fields_;  // what the response's fields point into when it is ours
  bool head_sent_ = false;
  bool held_ = false;       // a filter waits; what comes meanwhile waits in it
  bool held_last_ = false;  // likewise the end
  bool tunnel_ = false;
  bool concluded_ = false;
  bool head_flushed_ = false;

  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::string_view failure_rule_;  // static: "upstream.timeout"
  std::string failure_message_;
  bool client_left_ = false;  // nobody failed and nothing was refused, though the exchange was cut short
  std::shared_ptr<HandlerResponder> responder_;
};

/// The standard answer of RFC 9457.
void append_problem(std::string& out, std::uint16_t status, std::string_view detail, const TraceId& request_id);

}  // namespace bulwark::gateway
