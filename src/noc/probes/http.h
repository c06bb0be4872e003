// Http: GETs a URL; up when the status is below 400, degraded below 500 (it answers, but not with what was asked for),
// else down, as without a whole answer within the deadline.
#pragma once

#include <memory>

#include "net/http_client.h"
#include "noc/probe.h"
#include "noc/settings.h"

namespace bulwark::noc {

/// `client` outlives the probe.
std::unique_ptr<Probe> make_http(const ProbeSettings& settings, net::HttpClient& client);

}  // namespace bulwark::noc
