// Keys of the gateway's configuration, and upstreams made from them.
#include "gateway/settings.h"

#include <netdb.h>
#include <sys/socket.h>

#include <charconv>

namespace bulwark::gateway {
namespace {

constexpr std::size_t kMaxServers = 64;

/// "http://host:port", "https://host[:port]", "host:port".
struct ServerUrl {
  bool secure = false;
  std::string host;
  std::string port;
};

Result<ServerUrl> parse_server(std::string_view text) {
  ServerUrl url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.secure = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  }
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  const bool has_port = colon != std::string_view::npos && rest.find(']', colon) == std::string_view::npos;
  url.port = has_port ? std::string(rest.substr(colon + 1)) : (url.secure ? "443" : "80");
  std::string_view host = has_port ? rest.substr(0, colon) : rest;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  url.host = host;
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(url.port.data(), url.port.data() + url.port.size(), number);
  const bool port_is_fine = error == std::errc{} && end == url.port.data() + url.port.size() && number != 0;
  if (!port_is_fine || url.host.empty() || url.host.find_first_of("/@?#") != std::string::npos)
    return config_error("'" + std::string(text) + "' is not a server such as http://127.0.0.1:3000 or https://api.example.com");
  return url;
}

Result<std::vector<Endpoint>> resolve(const ServerUrl& url) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int failure = getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found); failure != 0)
    return config_error("cannot resolve '" + url.host + "': " + gai_strerror(failure));
  std::vector<Endpoint> endpoints;
  for (const addrinfo* each = found; each != nullptr && endpoints.size() < kMaxServers; each = each->ai_next)
    if (each->ai_family == AF_INET || each->ai_family == AF_INET6) endpoints.push_back(Endpoint::from_sockaddr(each->ai_addr));
  freeaddrinfo(found);
  // "localhost" names both families; an app that listens on one of them only must not look half dead.
  if (url.host == "localhost") std::erase_if(endpoints, [](const Endpoint& each) { return !each.address.is_v4(); });
  return endpoints;
}

}  // namespace

Settings::Settings() {
  listen.address = *IpAddress::parse("0.0.0.0");
  listen.port = 8443;
}

void describe(config::Object<CertificateSettings>& object) {
  object
      .field("certificate", &CertificateSettings::certificate,
             {.help = "PEM file with the chain, leaf first.", .example = "/etc/bulwark/site.crt", .required = true})
      .field("key", &CertificateSettings::key,
             {.help = "PEM file with the private key.", .example = "/etc/bulwark/site.key", .required = true});
}

void describe(config::Object<UpstreamTlsSettings>& object) {
  object.field("ca_file", &UpstreamTlsSettings::ca_file, {.help = "PEM file with the authorities to trust; empty: the system's."})
      .field("server_name", &UpstreamTlsSettings::server_name,
             {.help = "The name that the certificate must carry; empty: the first server's host."})
      .field("verify", &UpstreamTlsSettings::verify, {.help = "Check the certificate. Off only for tests."});
}

void describe(config::Object<UpstreamConfig>& object) {
  object
      .field("servers", &UpstreamConfig::servers,
             {.help = "Servers that share the load; names are resolved at start and reload.",
              .example = "[\"http://127.0.0.1:3000\"]",
              .required = true})
      .field("tls", &UpstreamConfig::tls, {.help = "How https servers are verified."})
      .field("host", &UpstreamConfig::host, {.help = "Host header to send; empty: the client's, or the server's own name for https."})
      .field("health", &UpstreamConfig::health,
             {.help = "Path to ask each server for; empty: only real requests tell its health.", .example = "/healthz"})
      .field("health_interval", &UpstreamConfig::health_interval, {.help = "How often.", .min = 100, .max = 3'600'000})
      .field("connect_timeout", &UpstreamConfig::connect_timeout, {.help = "To connect, TLS included.", .min = 10, .max = 60'000})
      .field("fail_threshold", &UpstreamConfig::fail_threshold,
             {.help = "Failures in a row until a server is set aside.", .min = 1, .max = 1000})
      .field("set_aside", &UpstreamConfig::set_aside, {.help = "How long a failing server is left alone.", .min = 100, .max = 3'600'000})
      .field("max_idle", &UpstreamConfig::max_idle, {.help = "Idle connections kept, each worker.", .min = 0, .max = 10'000});
}

void describe(config::Object<LimitSettings>& object) {
  object
      .field("max_headers", &LimitSettings::max_headers,
             {.help = "Of a request's head (32KiB unless said).", .min = 1024, .max = 1024 * 1024})
      .field("max_body", &LimitSettings::max_body, {.help = "Of a request's body (10MiB unless said).", .min = 0})
      .field("header_timeout", &LimitSettings::header_timeout,
             {.help = "From a request's first byte to the end of its head (10s unless said).", .min = 10, .max = 600'000})
      .field("body_timeout", &LimitSettings::body_timeout,
             {.help = "Between two reads of a body (30s unless said).", .min = 10, .max = 600'000})
      .field("idle_timeout", &LimitSettings::idle_timeout,
             {.help = "Of a silent connection (60s unless said).", .min = 10, .max = 86'400'000})
      .field("upstream_timeout", &LimitSettings::upstream_timeout,
             {.help = "For the app's head, and between two reads of its body (60s unless said).", .min = 10, .max = 86'400'000});
}

void describe(config::Object<Settings>& object) {
  object
      .field("listen", &Settings::listen,
             {.help = "Where clients connect; port 0 lets the kernel choose.", .example = "0.0.0.0:8443", .needs_restart = true})
      .field("plaintext", &Settings::plaintext, {.help = "Serve without TLS, behind something that terminates it.", .needs_restart = true})
      .field("tls", &Settings::tls,
             {.help = "Certificates; the name that a client asks for chooses, the first is the default. None: a self-signed one is made."})
      .field("trusted_proxies", &Settings::trusted_proxies, {.help = "Whose X-Forwarded-For names the client.", .example = "[10.0.0.0/8]"})
      .field("access_events", &Settings::access_events, {.help = "Record every request, not only what was found or refused."})
      .field("max_connections", &Settings::max_connections,
             {.help = "Open at once, each worker.", .min = 1, .max = 1'000'000, .needs_restart = true})
      .field("limits", &Settings::limits, {.help = "Sizes and times; a route may set its own."})
      .field("upstreams", &Settings::upstreams, {.help = "The servers behind Bulwark, by a name that routes refer to."});
}

Limits apply(Limits base, const LimitSettings& settings) {
  if (settings.max_headers) base.max_header_bytes = settings.max_headers->bytes;
  if (settings.max_body) base.max_body_bytes = settings.max_body->bytes;
  base.header_timeout = settings.header_timeout.value_or(base.header_timeout);
  base.body_timeout = settings.body_timeout.value_or(base.body_timeout);
  base.idle_timeout = settings.idle_timeout.value_or(base.idle_timeout);
  base.upstream_timeout = settings.upstream_timeout.value_or(base.upstream_timeout);
  return base;
}

Result<std::shared_ptr<const UpstreamSettings>> make_upstream(const std::string& name, const UpstreamConfig& config) {
  const auto complain = [&](const std::string& what) { return config_error("upstream '" + name + "': " + what); };
  if (config.servers.empty()) return complain("has no servers");
  auto made = std::make_shared<UpstreamSettings>();
  made->name = name;
  bool secure = false;
  std::string first_host;
  for (const auto& text : config.servers) {
    auto url = parse_server(text);
    if (!url.ok()) return complain(url.error().message);
    if (first_host.empty()) {
      first_host = url->host;
      secure = url->secure;
    } else if (url->secure != secure) {
      return complain("mixes http and https servers");
    }
    auto endpoints = resolve(*url);
    if (!endpoints.ok()) return complain(endpoints.error().message);
    made->servers.insert(made->servers.end(), endpoints->begin(), endpoints->end());
  }
  if (made->servers.empty() || made->servers.size() > kMaxServers)
    return complain("needs between 1 and " + std::to_string(kMaxServers) + " server addresses");
  if (secure) {
    made->tls_server_name = config.tls.server_name.empty() ? first_host : config.tls.server_name;
    auto tls = net::TlsClient::create({.ca_file = config.tls.ca_file, .verify = config.tls.verify, .server_name = made->tls_server_name});
    if (!tls.ok()) return complain(tls.error().message);
    made->tls = *tls;
  }
  const bool own_name = secure && !IpAddress::parse(first_host).ok();
  made->host_header = !config.host.empty() ? config.host : own_name ? first_host : std::string();
  made->max_idle_per_worker = static_cast<std::size_t>(config.max_idle);
  made->connect_timeout = config.connect_timeout;
  made->health_path = config.health;
  made->health_interval = config.health_interval;
  made->fail_threshold = static_cast<unsigned>(config.fail_threshold);
  made->set_aside = config.set_aside;
  return std::shared_ptr<const UpstreamSettings>(std::move(made));
}

}  // namespace bulwark::gateway
