// Who the client is, and what upstream is told about it: forwarding fields are always ours, never the client's.
#pragma once

#include <vector>

#include "base/ip.h"
#include "gateway/exchange.h"
#include "gateway/upstream/connection.h"
#include "gateway/upstream_settings.h"

namespace bulwark::gateway {

bool is_trusted(const std::vector<IpPrefix>& trusted, const IpAddress& peer);

/// The rightmost address of X-Forwarded-For that is not itself a trusted proxy, when `peer` is one; else the peer's own.
Endpoint client_address(const std::vector<IpPrefix>& trusted, const Endpoint& peer, const Headers& headers);

/// The trace that a W3C traceparent names (version 00 only); empty if it is malformed.
TraceId trace_of(std::string_view traceparent);

struct RequestFraming {
  http::BodyKind kind = http::BodyKind::none;
  std::uint64_t length = 0;
};

/// Writes the request's head as upstream gets it into the connection's buffer. Returns its size.
std::size_t write_request_head(UpstreamConnection& to, const Exchange& exchange, const UpstreamSettings& settings,
                               const RequestFraming& framing);

}  // namespace bulwark::gateway
