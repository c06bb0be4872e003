// One request and its response on their way through the gateway: what every stage reads and the few things it may change.
// Lives on one worker's thread from the parsed head to the last byte of the response.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/ip.h"
#include "base/result.h"
#include "events/event.h"
#include "trace/in_flight.h"
#include "trace/principal.h"
#include "wire/http/field.h"

namespace bulwark::gateway {

struct Route;
struct UpstreamSettings;

/// Name and value as received, and whether the name is one that the gateway knows.
using Header = http::Field;

/// ASCII case-insensitive.
inline bool same_header(std::string_view a, std::string_view b) { return http::same_name(a, b); }

struct Headers {
  static constexpr std::size_t kMax = 128;
  std::vector<Header> list;  ///< in order of arrival
  /// The first of that name, or a null view (data() == nullptr).
  std::string_view get(std::string_view name) const;
  std::string_view get(http::KnownField known) const;  ///< likewise, without comparing names
  bool has(std::string_view name) const { return get(name).data() != nullptr; }
};

/// Views stay valid until the exchange ends.
struct Request {
  std::string_view method;
  std::string_view target;     ///< as received: origin-form, or "*"
  std::string_view path;       ///< the target up to '?', not decoded
  std::string_view query;      ///< after '?', not decoded; empty if none
  std::string_view authority;  ///< Host or :authority, lower case not guaranteed
  std::uint8_t version = 11;   ///< 10, 11, 20
  bool secure = false;         ///< came over TLS
  bool websocket = false;      ///< asks to switch to WebSocket
  Headers headers;             ///< without HTTP/2 pseudo headers
  std::string_view body;       ///< whole, if a stage asked for it; see want_request_body()
};

struct Response {
  std::uint16_t status = 0;
  Headers headers;
  std::string_view body;  ///< whole, if a stage asked for it
};

/// Changes to a header section, applied when it is written on.
class HeaderEdits {
 public:
  void set(std::string_view name, std::string_view value);  ///< replaces all of that name
  void remove(std::string_view name);
  struct Edit {
    std::string name;
    std::string value;
    bool remove = false;
  };
  const std::vector<Edit>& edits() const { return edits_; }
  /// The edit of that name, or nullptr.
  const Edit* find(std::string_view name) const;
  void clear() { edits_.clear(); }

 private:
  std::vector<Edit> edits_;
};

/// Rewrites a body on its way, chunk by chunk, without holding it back longer than it must.
class BodyFilter {
 public:
  virtual ~BodyFilter() = default;
  /// Appends to `out` what may leave now. `last` comes exactly once. An Error ends the exchange.
  virtual Result<void> feed(std::string_view chunk, bool last, std::string& out) = 0;
  /// True: the body ends with what was appended last, whatever else the other side sends.
  virtual bool done() const { return false; }
  /// True (of a response only): nothing more leaves until Exchange::resumer() was called from wherever the answer comes; then
  /// feed({}, false) gives what waited. If `last` was given before, the body ends with the first feed that no longer waits.
  virtual bool waiting() const { return false; }
};

/// What a stage found, whether or not it led to a denial. Becomes a detection event, and the answer of `bulwark explain`.
struct Finding {
  std::string_view stage;  ///< static storage
  events::Plane plane = events::Plane::edge;
  std::string rule;  ///< "942100", "control.block"
  events::Severity severity = events::Severity::medium;
  std::string message;
  std::string detail;                                            ///< JSON object: matched field, bytes and decoded form (redacted), score
  events::Class event_class = events::Class::detection_finding;  ///< authentication for a sign-in that failed
};

/// The answer given instead of the upstream's.
struct Denial {
  std::uint16_t status = 403;
  std::string_view stage;  ///< static storage
  std::string rule;
  std::string reason;  ///< for the record; the client is told only the request id
  std::string body;    ///< empty: the standard problem body (RFC 9457) with the request id
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
};

enum class Verdict : std::uint8_t {
  pass,
  deny,   ///< through Exchange::deny()
  wait,   ///< the stage is called again, same phase, after resume (ADR 0001)
  again,  ///< in response_head and upstream_failed: the request goes upstream once more, to Exchange::upstream
};

/// A stage's own state for one exchange.
class StageState {
 public:
  virtual ~StageState() = default;
};

class Exchange {
 public:
  static constexpr std::size_t kMaxStages = 16;
  static constexpr std::size_t kMaxFindings = 64;

  TraceId trace;
  SpanId span;
  Endpoint client;
  MonoTime started{};
  WallTime started_wall = 0;
  const Route* route = nullptr;
  const UpstreamSettings* upstream = nullptr;  ///< set by a stage: one of route->others instead of route->upstream
  Request request;
  Response response;
  trace::Principal principal;
  HeaderEdits upstream_edits;  ///< on the request that goes upstream
  HeaderEdits response_edits;  ///< on the response that goes to the client

  /// Ask, in phase request_head, for the whole body before request_body runs. Past `limit` the client gets 413; of several
  /// stages' limits the smallest holds, likewise the route's own.
  void want_request_body(std::size_t limit);
  /// Ask, in phase response_head, likewise; past `limit` the response is cut off with an error event and 502.
  void want_response_body(std::size_t limit);
  /// Ask, in phase response_head, for the whole body or, of a longer one, at least its first `limit` bytes before response_body
  /// runs; what is longer then passes on as it comes. The smallest limit holds; a stage that wants it whole comes first.
  void want_response_prefix(std::size_t limit);
  void replace_request_body(std::string body);
  void replace_response_body(std::string body);
  void filter_request_body(std::unique_ptr<BodyFilter> filter);
  void filter_response_body(std::unique_ptr<BodyFilter> filter);

  /// Records why and answers instead of the upstream: `return exchange.deny({...});`
  Verdict deny(Denial denial);
  const Denial* denial() const { return denial_.get(); }
  void add_finding(Finding finding);
  const std::vector<Finding>& findings() const { return findings_; }

  /// Values that a stage found inside the request (chat turns, tool arguments), by which a later statement finds this request.
  std::vector<trace::Input> trace_inputs;  ///< at most trace::Context::kMaxInputs; entered together with the request's own

  /// For Verdict::wait: call the result from any thread, once or never; the exchange may be gone by then, that is fine.
  std::function<void()> resumer();

  /// This stage's state, made on first use.
  template <class T>
  T& state(std::size_t stage_index) {
    auto& slot = states_[stage_index];
    if (!slot) slot = std::make_unique<T>();
    return static_cast<T&>(*slot);
  }

  // The edge's side of the above.
  std::size_t request_body_limit = 0;  ///< 0: not wanted
  std::size_t response_body_limit = 0;
  std::size_t response_prefix_limit = 0;
  std::unique_ptr<std::string> new_request_body;
  std::unique_ptr<std::string> new_response_body;
  std::vector<std::unique_ptr<BodyFilter>> request_filters;
  std::vector<std::unique_ptr<BodyFilter>> response_filters;
  trace::InFlight::Lease in_flight;
  std::function<std::function<void()>()> make_resumer;
  /// As new, keeping the memory of its lists, for the next exchange of the worker.
  void reset();

 private:
  std::unique_ptr<Denial> denial_;
  std::vector<Finding> findings_;
  std::vector<std::unique_ptr<std::string>> retired_bodies_;  // stages may still hold views into them
  std::array<std::unique_ptr<StageState>, kMaxStages> states_;
};

}  // namespace bulwark::gateway
