// One connection to an upstream server: connects, writes requests, reads responses strictly, and tells its user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/edge/buffer.h"
#include "net/reactor.h"
#include "net/stream.h"
#include "wire/http/chunked.h"
#include "wire/http/head.h"

namespace bulwark::gateway {

class UpstreamPool;

/// Who uses the connection now. Any of these may detach it, hand it back or retire it (destruction waits for the turn's end).
class UpstreamUser {
 public:
  virtual ~UpstreamUser() = default;
  virtual void upstream_ready() = 0;                                  ///< connected (and secured): write the request
  virtual void upstream_head(http::ResponseHead& head) = 0;           ///< views stay valid until the connection goes back or away
  virtual void upstream_body(std::string_view bytes, bool last) = 0;  ///< `last` exactly once, also for no body
  virtual void upstream_continue() = 0;                               ///< a 1xx other than 101
  virtual void upstream_quiet() = 0;                                  ///< nothing more has come for now
  virtual void upstream_drained() = 0;                                ///< unsent() fell to nothing
  struct Failure {
    enum class Kind : std::uint8_t { connect, timeout, closed, malformed } kind = Kind::closed;
    bool before_any_byte = false;  ///< nothing of a response had come
    http::Refusal refusal;         ///< when malformed
    std::string message;
  };
  virtual void upstream_failed(const Failure& failure) = 0;
};

class UpstreamConnection final : public net::EventHandler {
 public:
  static constexpr std::size_t kMaxHeadBytes = 64 * 1024;

  UpstreamConnection(std::shared_ptr<UpstreamPool> pool, std::size_t server);
  ~UpstreamConnection() override;

  /// Begins to connect; upstream_ready() or upstream_failed() follows, never from inside this call. An Error: it cannot even begin.
  Result<void> open(UpstreamUser& user);
  /// An idle connection's next request; it is ready at once.
  void attach(UpstreamUser& user);
  void detach();

  std::size_t server() const { return server_; }
  UpstreamPool& pool() { return *pool_; }
  bool reused() const { return reused_; }
  /// A connection that was idle: is it still there? One system call.
  bool still_open();

  /// Room for `bytes` of a request's head; commit() what was written.
  char* reserve(std::size_t bytes);
  void commit(std::size_t bytes);
  void expect_response(bool to_head) { to_head_ = to_head; }
  /// Body bytes in the request's framing; sent with what waits. `last` ends the request.
  void send(std::string_view bytes, bool chunked, bool last);
  void send_raw(std::string_view bytes);  ///< in a tunnel
  void flush();
  void shutdown_write();
  std::size_t unsent() const { return out_.size(); }
  bool request_sent() const { return request_ended_ && out_.size() == 0; }

  void pause() { paused_ = true; }
  void resume();
  void become_tunnel() { tunnel_ = true; }
  /// The response is over and the connection can carry another request.
  bool reusable() const;
  MonoTime idle_since() const { return idle_since_; }
  void become_idle(MonoTime now);

 private:
  enum class State : std::uint8_t { closed, connecting, securing, head, body, done, idle };
  void on_ready(net::Readiness readiness) override;
  void secure();
  void pump();
  bool fill();
  bool read_head();
  bool read_body();
  bool take_body(std::string_view bytes);
  void deliver(std::string_view bytes, bool last);
  void after_write(net::IoStatus status);
  void connected();
  void close();
  void fail(UpstreamUser::Failure::Kind kind, std::string message, const http::Refusal& refusal = {});

  std::shared_ptr<UpstreamPool> pool_;
  std::size_t server_;
  net::Stream stream_;
  UpstreamUser* user_ = nullptr;
  State state_ = State::closed;
  bool reused_ = false;
  bool to_head_ = false;
  bool paused_ = false;
  bool in_pump_ = false;
  bool tunnel_ = false;
  bool readable_ = false;
  bool ended_ = false;  // the server's FIN or close_notify has been seen coming
  bool request_ended_ = false;
  bool any_byte_ = false;
  std::uint64_t body_left_ = 0;
  MonoTime idle_since_{};
  Inbox in_;
  Outbox out_;
  http::HeadScanner scanner_{http::HeadScanner::Kind::response};
  http::ResponseHead head_;
  http::ChunkedDecoder chunks_;
};

}  // namespace bulwark::gateway
