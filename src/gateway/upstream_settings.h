// The servers behind a route and how they are watched.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "net/tls.h"

namespace bulwark::gateway {

struct UpstreamSettings {
  std::string name;
  std::vector<Endpoint> servers;
  std::shared_ptr<const net::TlsClient> tls;  ///< nullptr: in clear
  std::string tls_server_name;
  std::string host_header;  ///< empty: the client's Host is passed on
  std::size_t max_idle_per_worker = 64;
  std::chrono::milliseconds connect_timeout{2'000};
  std::string health_path;  ///< empty: passive checks only
  std::chrono::milliseconds health_interval{2'000};
  unsigned fail_threshold = 3;                 ///< consecutive failures until a server is set aside
  std::chrono::milliseconds set_aside{5'000};  ///< passive: until it is tried again
};

}  // namespace bulwark::gateway
