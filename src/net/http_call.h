// One request of the HttpClient from connecting to the last byte, on the client's reactor.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http_client.h"
#include "net/reactor.h"
#include "net/stream.h"
#include "net/url.h"
#include "wire/http/chunked.h"
#include "wire/http/head.h"

namespace bulwark::net {

class HttpCall final : public EventHandler {
 public:
  static constexpr int kMaxInterim = 8;  ///< 1xx responses before the real one

  /// `finished` is called once, from within this object: destroy it later, not there.
  HttpCall(Reactor& reactor, HttpRequest request, Url url, std::function<void(Result<HttpResponse>)> finished);
  ~HttpCall() override;

  /// Tries the addresses in order.
  void start(std::vector<Endpoint> addresses);
  void fail(Error error);
  void on_ready(Readiness readiness) override;

 private:
  enum class At : std::uint8_t { idle, connecting, handshaking, writing, reading, finished };

  void connect_next(Error last);
  void connected();
  void shake_hands();
  void write();
  void read();
  bool take_input();  ///< false: finished, well or badly
  bool take_heads();
  bool take_head(std::size_t begin, std::size_t end);
  bool take_body(std::string_view bytes);
  bool take_chunks(std::string_view bytes);
  bool append_body(std::string_view bytes);
  bool too_large();
  bool refuse(const http::Refusal& refusal);
  void ended_by_peer();
  void succeed();
  void finish(Result<HttpResponse> result);
  void drop_stream();

  Reactor& reactor_;
  const HttpRequest request_;
  const Url url_;
  std::function<void(Result<HttpResponse>)> finished_;
  Timer deadline_;
  std::vector<Endpoint> addresses_;  ///< still to try, last first
  Stream stream_;
  At at_ = At::idle;
  std::string output_;
  std::size_t written_ = 0;
  std::string input_;
  http::HeadScanner scanner_{http::HeadScanner::Kind::response};
  http::ResponseHead head_;
  http::ChunkedDecoder chunks_;
  bool head_taken_ = false;
  int interim_ = 0;
  HttpResponse response_;
};

}  // namespace bulwark::net
