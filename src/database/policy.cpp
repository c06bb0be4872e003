// From settings to a snapshot.
#include "database/policy.h"

namespace bulwark::database {

Result<std::shared_ptr<const Policy>> Policy::create(Settings settings, std::vector<std::shared_ptr<const Guard>> guards,
                                                     const crypto::Key& secret) {
  auto policy = std::make_shared<Policy>();
  if (!settings.tls.certificate_file.empty()) {
    net::ServerTlsSettings tls;
    tls.certificates = {{settings.tls.certificate_file, settings.tls.key_file}};
    tls.alpn = {};
    tls.client_ca_file = settings.tls.client_ca_file;
    tls.require_client_certificate = !settings.tls.client_ca_file.empty();
    policy->tls = TRY(net::TlsServer::create(tls));
  }
  if (settings.tls.required && policy->tls == nullptr) return config_error("database: tls is required but has no certificate_file");
  if (settings.upstream_name.empty()) settings.upstream_name = settings.upstream.address.text();
  if (settings.upstream_tls != UpstreamTls::off) {
    net::ClientTlsSettings tls;
    tls.ca_file = settings.upstream_ca;
    tls.verify = settings.upstream_tls == UpstreamTls::verify;
    tls.server_name = settings.upstream_name;
    policy->upstream_tls = TRY(net::TlsClient::create(tls));
  }
  policy->verifiers = TRY(Verifiers::gather(settings));
  policy->settings = std::move(settings);
  policy->guards = std::move(guards);
  policy->secret = secret;
  return std::shared_ptr<const Policy>(std::move(policy));
}

}  // namespace bulwark::database
