// What the configuration says about the gateway itself: where it listens, its certificates, the upstreams, the limits.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "config/schema.h"
#include "gateway/route.h"

namespace bulwark::gateway {

struct CertificateSettings {
  std::string certificate;  ///< PEM file, leaf first
  std::string key;          ///< PEM file
};

struct UpstreamTlsSettings {
  std::string ca_file;      ///< empty: the system's trust store
  std::string server_name;  ///< empty: the host of the first server
  bool verify = true;

  bool operator==(const UpstreamTlsSettings&) const = default;
};

struct UpstreamConfig {
  std::vector<std::string> servers;
  UpstreamTlsSettings tls;
  std::string host;
  std::string health;
  std::chrono::milliseconds health_interval{2'000};
  std::chrono::milliseconds connect_timeout{2'000};
  std::int64_t fail_threshold = 3;
  std::chrono::milliseconds set_aside{5'000};
  std::int64_t max_idle = 64;

  bool operator==(const UpstreamConfig&) const = default;
};

/// What is not said stays as it is for the whole gateway.
struct LimitSettings {
  std::optional<config::ByteSize> max_headers;
  std::optional<config::ByteSize> max_body;
  std::optional<std::chrono::milliseconds> header_timeout;
  std::optional<std::chrono::milliseconds> body_timeout;
  std::optional<std::chrono::milliseconds> idle_timeout;
  std::optional<std::chrono::milliseconds> upstream_timeout;
};

struct Settings {
  Endpoint listen;  ///< 0.0.0.0:8443
  bool plaintext = false;
  std::vector<CertificateSettings> tls;
  std::vector<IpPrefix> trusted_proxies;
  bool access_events = true;
  std::int64_t max_connections = 20'000;
  LimitSettings limits;
  std::map<std::string, UpstreamConfig> upstreams;

  Settings();
};

void describe(config::Object<CertificateSettings>& object);
void describe(config::Object<UpstreamTlsSettings>& object);
void describe(config::Object<UpstreamConfig>& object);
void describe(config::Object<LimitSettings>& object);
void describe(config::Object<Settings>& object);

Limits apply(Limits base, const LimitSettings& settings);

/// Resolves the servers' names (blocking; at start and reload only) and reads the trust store.
/// Errors, origin config, name the upstream and the server.
Result<std::shared_ptr<const UpstreamSettings>> make_upstream(const std::string& name, const UpstreamConfig& config);

}  // namespace bulwark::gateway
