// HTTP/1.1 towards the client: one request after the other on a connection, pipelined ones in order, bodies streamed both ways.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gateway/edge/buffer.h"
#include "gateway/edge/client_side.h"
#include "gateway/edge/connection.h"
#include "wire/http/chunked.h"
#include "wire/http/head.h"

namespace bulwark::gateway {

class Flow;

class Http1Session final : public Protocol, private ClientSide {
 public:
  explicit Http1Session(Connection& connection);
  ~Http1Session() override;

  // Protocol
  void on_ready(net::Readiness readiness) override;
  void on_timer() override;
  void drain() override;
  void on_close(std::string_view why) override;

 private:
  // ClientSide
  std::size_t send_head(const OutgoingHead& head) override;
  void send_body(std::string_view bytes, bool last) override;
  void flush() override;
  std::size_t unsent() const override { return out_.size(); }
  void send_continue() override;
  void resume_body() override;
  void abort() override;
  void exchange_ended() override;

  enum class Awaiting : std::uint8_t { request, head, body, upstream, client_reads, half_closed, lingering };

  void pump();
  bool fill();
  bool read_head();
  void begin(std::size_t head_size);
  void refuse(const http::Refusal& refusal, bool parsed);  ///< `parsed`: worker().scratch() holds what was understood of it
  bool read_body();
  bool read_tunnel();
  void begin_linger();
  void linger();
  void on_end();
  void after_write(net::IoStatus status);
  void await(Awaiting what);
  const http::HeadLimits& head_limits() const;
  Worker& worker() { return connection_.worker(); }

  Connection& connection_;
  Flow* flow_ = nullptr;
  Awaiting awaiting_ = Awaiting::request;
  bool readable_ = false;
  bool ended_ = false;  // the client's FIN or close_notify has come or is coming
  bool in_pump_ = false;
  bool keep_alive_ = true;
  bool body_open_ = false;  // the current request's body is not all read
  bool chunked_in_ = false;
  bool chunked_out_ = false;
  bool lingering_ = false;
  bool draining_ = false;
  std::uint8_t version_ = 11;
  std::uint64_t body_left_ = 0;
  std::size_t lingered_ = 0;
  Inbox in_;
  Outbox out_;
  http::HeadScanner scanner_;
  http::ChunkedDecoder chunks_;
};

}  // namespace bulwark::gateway
