// A small HTTP/1.1 client for what Bulwark itself asks of others: issuers' keys, webhooks. Strict and bounded: certificates are
// verified, redirects are not followed, one deadline covers a request from name to last byte.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bulwark::net {

struct HttpRequest {
  std::string method = "GET";
  std::string url;                                           ///< see net/url.h
  std::vector<std::pair<std::string, std::string>> headers;  ///< Host, Connection and Content-Length are set by the client
  std::string body;
  std::string ca_file;                       ///< certificates to trust; empty: the system's
  std::chrono::milliseconds timeout{5'000};  ///< for everything together
  std::size_t max_body_bytes = 1024 * 1024;  ///< of the response
};

struct HttpResponse {
  std::uint16_t status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// One thread, any number of users.
class HttpClient {
 public:
  static constexpr std::size_t kMaxInFlight = 64;
  static constexpr std::size_t kMaxHeadBytes = 16 * 1024;

  using Done = std::function<void(Result<HttpResponse>)>;
  using Ticket = std::uint64_t;

  static Result<std::unique_ptr<HttpClient>> create();
  /// Cancels what is in flight.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Thread-safe. `done` is called exactly once, on the client's thread: it must not block. Any complete response is a value,
  /// whatever its status. Errors: config for a bad URL; upstream `unavailable`, `timeout`, `too_large`, `invalid` (a response
  /// that is not strict HTTP), `denied` (TLS); internal `exhausted`, `cancelled`.
  Ticket send(HttpRequest request, Done done);
  /// Thread-safe; `done` gets `cancelled` unless it was called already.
  void cancel(Ticket ticket);

 private:
  struct State;
  explicit HttpClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulwark::net
