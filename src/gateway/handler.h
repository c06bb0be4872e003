// Answers a route's requests inside Bulwark instead of an upstream: the console, health, metrics.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/exchange.h"

namespace bulwark::gateway {

using HeaderPairs = std::vector<std::pair<std::string, std::string>>;

/// The way back to the client. Thread-safe: calls are posted to the exchange's worker; after the client left they do nothing.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual void respond(std::uint16_t status, HeaderPairs headers, std::string body) = 0;
  /// For streams (server-sent events): begin once, write any number of times, end.
  virtual void begin(std::uint16_t status, HeaderPairs headers) = 0;
  /// False once the client is gone or more than 1 MiB waits unsent (the caller then stops and ends the stream).
  virtual bool write(std::string chunk) = 0;
  virtual void end() = 0;
};

class Handler {
 public:
  virtual ~Handler() = default;
  /// On the worker's thread, after the pipeline's request phases, with the whole body in exchange.request.body.
  /// `exchange` is valid during the call only; slow work moves to another thread and keeps the responder.
  virtual void handle(Exchange& exchange, std::shared_ptr<Responder> responder) = 0;
  virtual std::size_t max_body_bytes() const { return 1024 * 1024; }
};

}  // namespace bulwark::gateway
