// HTTP/2 towards the client (RFC 9113): nghttp2 for frames and HPACK, everything else ours. Each stream is an exchange of its
// own through the same flow as HTTP/1.1. Limits answer the known floods: rapid resets, CONTINUATION, SETTINGS, PING, empty frames.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/edge/buffer.h"
#include "gateway/edge/connection.h"
#include "gateway/edge/http2_stream.h"
#include "wire/http/head.h"

struct nghttp2_session;

namespace bulwark::gateway {

class Http2Session final : public Protocol {
 public:
  static constexpr std::uint32_t kMaxStreams = 128;
  static constexpr std::uint32_t kStreamWindow = 128 * 1024;       ///< what one stream's body may occupy here
  static constexpr std::uint32_t kConnectionWindow = 1024 * 1024;  ///< and all of a connection together
  static constexpr int kOverheadBudget = 1'000;                    ///< frames that carry nothing; requests and data earn more
  static constexpr int kOverheadPerRequest = 20;
  static constexpr int kOverheadPerData = 4;
  static constexpr int kAbortBurst = 200;  ///< streams ended before their answer (CVE-2023-44487, CVE-2025-8671)
  static constexpr int kAbortsPerSecond = 50;

  static Result<std::unique_ptr<Http2Session>> create(Connection& connection);
  ~Http2Session() override;

  // Protocol
  void on_ready(net::Readiness readiness) override;
  void on_timer() override;
  void drain() override;
  void on_close(std::string_view why) override;

  // for streams
  Connection& connection() { return connection_; }
  Worker& worker() { return connection_.worker(); }
  nghttp2_session* frames() { return session_; }
  const http::HeadLimits& head_limits() const;
  /// Sends what is queued at the end of this turn, so that what many streams have to say leaves together.
  void send_soon();
  /// Body bytes of a stream were used: the client may send as many more.
  void consumed(std::int32_t stream, std::size_t bytes);

 private:
  friend struct Http2Callbacks;
  explicit Http2Session(Connection& connection);

  static void send_all();
  void read(bool hung_up);
  void send();
  bool pull();
  void finish_drained();
  void close_if_done();
  void give_up(std::string_view rule, std::string_view message);
  void spend(int overhead);
  void note_abort();
  Http2Stream* find(std::int32_t id);

  Connection& connection_;
  nghttp2_session* session_ = nullptr;
  Outbox out_;
  std::unordered_map<std::int32_t, std::unique_ptr<Http2Stream>> streams_;
  std::vector<std::int32_t> drained_;  // streams whose waiting bytes have all been framed
  bool send_due_ = false;
  bool settled_ = false;  // the client's preface and first SETTINGS have come
  bool draining_ = false;
  bool last_goaway_sent_ = false;
  bool giving_up_ = false;
  bool reported_ = false;
  int budget_ = kOverheadBudget;
  double aborts_ = 0;  // leaky: kAbortsPerSecond flow out
  MonoTime aborts_at_{};
  MonoTime idle_since_{};
};

}  // namespace bulwark::gateway
