// What an exchange leaves behind: one access event and one finding event for each finding, published before its last bytes leave.
#include <algorithm>

#include "gateway/edge/flow.h"
#include "wire/json/writer.h"

namespace bulwark::gateway {
namespace {

constexpr std::size_t kMaxUserAgent = 256;

/// OCSF HTTP Activity, activity_id.
std::uint8_t activity_of(std::string_view method) {
  struct Named {
    std::string_view method;
    std::uint8_t id;
  };
  static constexpr Named kNamed[] = {{"GET", 3},    {"POST", 6},    {"HEAD", 4},  {"OPTIONS", 5}, {"PUT", 7},
                                     {"DELETE", 2}, {"CONNECT", 1}, {"TRACE", 8}, {"PATCH", 9}};
  for (const Named& each : kNamed)
    if (each.method == method) return each.id;
  return 99;
}

}  // namespace

void Flow::conclude() {
  if (concluded_) return;
  concluded_ = true;
  if (const Pipeline* stages = pipeline(); stages != nullptr && stages->wants(Phase::finished)) {
    std::size_t unused = 0;
    stages->run(Phase::finished, exchange_, 0, unused);
  }
  WorkerCounters::add(worker_.counters().bytes_in, bytes_in_);
  WorkerCounters::add(worker_.counters().bytes_out, bytes_out_);
  if (worker_.publisher() == nullptr) return;
  publish_findings();
  const bool failed = !failure_rule_.empty() && !client_left_;
  if (worker_.config().access_events || exchange_.denial() != nullptr || failed) publish_access();
}

void Flow::publish_access() {
  // Of the target only the path: queries hold personal data and secrets.
  thread_local std::string target;
  const Request& request = exchange_.request;
  target.assign(request.method).append(" ").append(request.path);

  const Denial* denial = exchange_.denial();
  const bool failed = !failure_rule_.empty() && !client_left_;
  const bool client_error = failed && exchange_.response.status < 500;
  events::Event event;
  event.time = exchange_.started_wall;
  event.event_class = events::Class::http_activity;
  event.activity = activity_of(request.method);
  event.severity = denial != nullptr ? events::Severity::medium : failed ? events::Severity::low : events::Severity::informational;
  event.disposition = denial != nullptr || client_error ? events::Disposition::blocked
                      : failed                          ? events::Disposition::error
                                                        : events::Disposition::allowed;
  event.plane = events::Plane::edge;
  event.status = exchange_.response.status;
  event.source_port = exchange_.client.port;
  event.source = exchange_.client.address;
  event.trace = exchange_.trace;
  event.span = exchange_.span;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(worker_.reactor().now() - exchange_.started).count();
  event.duration_us = static_cast<std::uint32_t>(std::clamp<std::int64_t>(took, 0, UINT32_MAX));
  event.bytes_in = bytes_in_;
  event.bytes_out = bytes_out_;
  event.user = exchange_.principal.user;
  event.tenant = exchange_.principal.tenant;
  event.route = exchange_.route != nullptr ? std::string_view(exchange_.route->id) : std::string_view();
  event.rule = denial != nullptr ? std::string_view(denial->rule) : failure_rule_;
  event.target = target;
  event.message = denial != nullptr ? std::string_view(denial->reason) : std::string_view(failure_message_);
  event.detail = access_detail();
  worker_.publisher()->publish(event);
}

/// What the event has no column for. The last one is kept: most requests of a connection say the same as the one before.
std::string_view Flow::access_detail() const {
  struct Said {
    std::string listener, host, agent;
    std::uint8_t version = 0;
    bool secure = false, tunnel = false;
    unsigned attempts = 0;
  };
  thread_local Said said;
  thread_local std::string detail;
  const Request& request = exchange_.request;
  const std::string_view agent = request.headers.get("user-agent").substr(0, kMaxUserAgent);
  const unsigned attempts = pool_ != nullptr ? attempts_ : 0;
  if (said.listener == worker_.config().name && said.host == request.authority && said.agent == agent && said.version == request.version &&
      said.secure == request.secure && said.tunnel == tunnel_ && said.attempts == attempts)
    return detail;
  said = {worker_.config().name, std::string(request.authority), std::string(agent), request.version, request.secure, tunnel_, attempts};
  detail.clear();
  json::Writer writer(detail);
  writer.begin_object().field("listener", worker_.config().name).field("host", request.authority);
  writer.field("version", static_cast<unsigned>(request.version)).field("tls", request.secure);
  if (!agent.empty()) writer.field("user_agent", agent);
  if (attempts > 0) writer.field("attempts", attempts);
  if (tunnel_) writer.field("tunnel", true);
  writer.end_object();
  return detail;
}

void Flow::publish_findings() {
  if (exchange_.findings().empty()) return;
  std::string target(exchange_.request.method);
  target.append(" ").append(exchange_.request.path);
  const Denial* denial = exchange_.denial();
  for (const Finding& finding : exchange_.findings()) {
    const bool blocked = (denial != nullptr && denial->stage == finding.stage) || finding.rule == failure_rule_;
    events::Event event;
    event.time = exchange_.started_wall;
    event.event_class = finding.event_class;
    event.activity = 1;  // create; of an authentication: logon
    event.severity = finding.severity;
    event.disposition = blocked ? events::Disposition::blocked : events::Disposition::alert;
    event.plane = finding.plane;
    event.status = exchange_.response.status;
    event.source_port = exchange_.client.port;
    event.source = exchange_.client.address;
    event.trace = exchange_.trace;
    event.span = exchange_.span;
    event.user = exchange_.principal.user;
    event.tenant = exchange_.principal.tenant;
    event.route = exchange_.route != nullptr ? std::string_view(exchange_.route->id) : std::string_view();
    event.rule = finding.rule;
    event.target = target;
    event.message = finding.message;
    event.detail = finding.detail;
    worker_.publisher()->publish(event);
  }
}

}  // namespace bulwark::gateway
