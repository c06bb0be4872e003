// One request to the console's API as its actions see it: a copy, because actions run on a lane while the exchange goes on,
// and the reply that goes back. Bodies are JSON both ways.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "base/ip.h"
#include "console/sessions.h"
#include "gateway/exchange.h"
#include "gateway/handler.h"

namespace bulwark::console {

constexpr std::string_view kSessionCookie = "__Host-bulwark";

struct Call {
  std::string method;
  std::string path;
  std::string query;  ///< not decoded
  std::string body;
  std::string origin;
  std::string authority;
  std::string fetch_site;  ///< Sec-Fetch-Site
  std::string csrf;        ///< X-CSRF-Token
  std::string content_type;
  std::string session_token;  ///< from the cookie
  IpAddress client;
  TraceId trace;
  std::string rest;  ///< what the route's trailing "*" stands for
  std::optional<Session> session;
  std::shared_ptr<gateway::Responder> responder;  ///< for actions that stream
};

Call call_of(const gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder);

struct Reply {
  std::uint16_t status = 200;
  std::string body;  ///< JSON; empty: none
  gateway::HeaderPairs headers;
  bool streaming = false;  ///< the action has begun a stream itself
};

/// {"error":"denied","message":"…"}; the message is for people.
Reply problem(std::uint16_t status, std::string_view code, std::string_view message);
/// The status that fits the error's origin and code; internal errors are logged and told in general words.
Reply problem(const Error& error);
Reply json_reply(std::string body);

/// The parameters of a query string, percent-decoded, in order. Bounded; what is over is not there.
class Parameters {
 public:
  static constexpr std::size_t kMax = 32;
  static constexpr std::size_t kMaxValue = 1024;
  explicit Parameters(std::string_view query);
  /// The first of that name, or empty.
  std::string_view get(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

}  // namespace bulwark::console
