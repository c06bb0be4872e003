// The life of one outbound request.
#include "net/http_call.h"

#include <utility>

namespace bulwark::net {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr http::HeadLimits kHeadLimits{.max_bytes = HttpClient::kMaxHeadBytes, .max_line = 1024, .max_fields = 64};

std::string serialise(const HttpRequest& request, const Url& url) {
  std::string out = request.method + " " + url.target + " HTTP/1.1\r\nHost: " + url.authority() + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : request.headers) out.append(name).append(": ").append(value).append("\r\n");
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  return out.append("\r\n").append(request.body);
}

}  // namespace

HttpCall::HttpCall(Reactor& reactor, HttpRequest request, Url url, std::function<void(Result<HttpResponse>)> finished)
    : reactor_(reactor), request_(std::move(request)), url_(std::move(url)), finished_(std::move(finished)), deadline_(reactor, [this] {
        fail(upstream_error(Code::timeout, "no answer from " + url_.host + " in time"));
      }) {
  output_ = serialise(request_, url_);
  deadline_.arm(request_.timeout);
}

HttpCall::~HttpCall() { drop_stream(); }

void HttpCall::start(std::vector<Endpoint> addresses) {
  if (at_ == At::finished) return;
  addresses_.assign(addresses.rbegin(), addresses.rend());
  connect_next(upstream_error(Code::unavailable, url_.host + " has no address"));
}

void HttpCall::connect_next(Error last) {
  drop_stream();
  if (addresses_.empty()) return finish(std::move(last));
  auto stream = Stream::connect(addresses_.back());
  addresses_.pop_back();
  if (!stream.ok()) return connect_next(std::move(stream).error());  // at most Resolver::kMaxAddresses deep
  stream_ = std::move(*stream);
  at_ = At::connecting;
  if (auto added = reactor_.add(stream_.fd(), *this); !added.ok()) finish(std::move(added).error());
}

void HttpCall::on_ready(Readiness readiness) {
  switch (at_) {
    case At::connecting:
      if (readiness.writable || readiness.hung_up) connected();
      break;
    case At::handshaking: shake_hands(); break;
    case At::writing: write(); break;
    case At::reading: read(); break;
    case At::idle:
    case At::finished: break;
  }
}

void HttpCall::connected() {
  if (auto done = stream_.finish_connect(); !done.ok()) return connect_next(std::move(done).error());
  if (!url_.tls) {
    at_ = At::writing;
    return write();
  }
  auto tls = TlsClient::create({.ca_file = request_.ca_file, .server_name = url_.host, .alpn = {"http/1.1"}});
  if (!tls.ok()) return finish(std::move(tls).error());
  if (auto started = stream_.start_tls_client(*tls, url_.host); !started.ok()) return finish(std::move(started).error());
  at_ = At::handshaking;
  shake_hands();
}

void HttpCall::shake_hands() {
  const IoStatus status = stream_.handshake();
  if (status == IoStatus::would_block) return;
  if (status != IoStatus::ok) return finish(upstream_error(Code::denied, "TLS with " + url_.host + " failed: " + stream_.last_failure()));
  at_ = At::writing;
  write();
}

void HttpCall::write() {
  while (written_ < output_.size()) {
    const IoResult done = stream_.write(std::string_view(output_).substr(written_));
    if (done.status == IoStatus::would_block) return;
    if (done.status != IoStatus::ok) return finish(upstream_error(Code::unavailable, url_.host + " closed the connection"));
    written_ += done.bytes;
  }
  at_ = At::reading;
  read();
}

void HttpCall::read() {
  char chunk[kReadBytes];
  while (true) {
    const IoResult got = stream_.read(chunk);
    if (got.status == IoStatus::would_block) return;
    if (got.status == IoStatus::closed) return ended_by_peer();
    if (got.status == IoStatus::failed)
      return finish(upstream_error(Code::unavailable, "reading from " + url_.host + ": " + stream_.last_failure()));
    input_.append(chunk, got.bytes);
    if (!take_input()) return;
  }
}

bool HttpCall::take_input() {
  if (!head_taken_ && !take_heads()) return false;
  if (!head_taken_) return true;
  const std::string bytes = std::exchange(input_, {});
  return take_body(bytes);
}

/// Interim heads may come before the real one.
bool HttpCall::take_heads() {
  while (!head_taken_) {
    const auto state = scanner_.scan(input_, kHeadLimits);
    if (state == http::HeadScanner::State::refused) return refuse(scanner_.refusal());
    if (state == http::HeadScanner::State::more) return true;
    if (!take_head(scanner_.skipped(), scanner_.size())) return false;
  }
  return true;
}

bool HttpCall::take_head(std::size_t begin, std::size_t end) {
  const auto refusal =
      http::parse_response_head(std::string_view(input_).substr(begin, end - begin), request_.method == "HEAD", kHeadLimits, head_);
  if (refusal) return refuse(refusal);
  if (head_.status == 101 || (head_.status < 200 && ++interim_ > kMaxInterim)) {
    finish(upstream_error(Code::invalid, url_.host + " answers what was not asked"));
    return false;
  }
  if (head_.status >= 200) {
    response_.status = head_.status;
    for (const auto& field : head_.fields) response_.headers.emplace_back(field.name, field.value);
    head_taken_ = true;
  }
  input_.erase(0, end);
  scanner_.reset();
  return true;
}

bool HttpCall::take_body(std::string_view bytes) {
  switch (head_.body) {
    case http::BodyKind::none: break;
    case http::BodyKind::length:
      if (head_.content_length > request_.max_body_bytes) return too_large();
      if (!append_body(bytes.substr(0, head_.content_length - response_.body.size()))) return false;
      if (response_.body.size() < head_.content_length) return true;
      break;
    case http::BodyKind::chunked: return take_chunks(bytes);
    case http::BodyKind::until_close: return append_body(bytes);
  }
  succeed();
  return false;
}

bool HttpCall::take_chunks(std::string_view bytes) {
  while (true) {
    const auto step = chunks_.next(bytes);
    bytes.remove_prefix(step.consumed);
    if (step.state == http::ChunkedDecoder::State::refused) return refuse(chunks_.refusal());
    if (step.state == http::ChunkedDecoder::State::more) return true;
    if (step.state == http::ChunkedDecoder::State::done) {
      succeed();
      return false;
    }
    if (!append_body(step.data)) return false;
  }
}

bool HttpCall::append_body(std::string_view bytes) {
  if (response_.body.size() + bytes.size() > request_.max_body_bytes) return too_large();
  response_.body.append(bytes);
  return true;
}

bool HttpCall::too_large() {
  finish(upstream_error(Code::too_large, "answer of " + url_.host + " is too large"));
  return false;
}

bool HttpCall::refuse(const http::Refusal& refusal) {
  finish(upstream_error(Code::invalid, "answer of " + url_.host + " is not strict HTTP: " + std::string(refusal.rule)));
  return false;
}

void HttpCall::ended_by_peer() {
  if (head_taken_ && head_.body == http::BodyKind::until_close) return succeed();
  finish(upstream_error(Code::unavailable, url_.host + " ended its answer early"));
}

void HttpCall::succeed() { finish(std::move(response_)); }
void HttpCall::fail(Error error) { finish(std::move(error)); }

void HttpCall::finish(Result<HttpResponse> result) {
  if (at_ == At::finished) return;
  at_ = At::finished;
  deadline_.cancel();
  drop_stream();
  finished_(std::move(result));
}

void HttpCall::drop_stream() {
  if (!stream_.open()) return;
  reactor_.remove(stream_.fd(), *this);
  stream_.close();
}

}  // namespace bulwark::net
