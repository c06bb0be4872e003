// From settings to a snapshot.
#include "database/policy.h"

#include "database/protection/encrypted_columns.h"
#include "database/protection/masked_columns.h"

namespace bulwark::database {

namespace {

/// The one in force as long as the rules are the same: sessions go on, and the catalogue is not read anew.
Result<std::shared_ptr<const Protection>> make_protection(const Settings& settings, const crypto::Key& secret, const Policy* before) {
  if (!settings.protection.any()) return std::shared_ptr<const Protection>();
  const bool same = before != nullptr && before->protection != nullptr && before->settings.protection == settings.protection &&
                    before->settings.verifiers_from.value == settings.verifiers_from.value;
  if (same) return before->protection;
  const std::string& own = settings.protection.catalogue_from.value;
  const std::string& url = own.empty() ? settings.verifiers_from.value : own;
  if (url.empty()) return config_error("database.protection needs catalogue_from (or verifiers_from)");
  const char* ssl_mode = settings.upstream_tls == UpstreamTls::verify    ? "verify-full"
                         : settings.upstream_tls == UpstreamTls::require ? "require"
                                                                         : "disable";
  if (!settings.protection.encrypt.empty() && settings.protection.keys_file.empty())
    return config_error("database.protection.encrypt needs keys_file");
  return Protection::create(settings.protection, secret,
                            {url, {}, ssl_mode, settings.upstream_ca, static_cast<int>(settings.connect_timeout.count() / 1000)});
}

}  // namespace

Result<std::shared_ptr<const Policy>> Policy::create(Settings settings, std::vector<std::shared_ptr<const Guard>> guards,
                                                     const crypto::Key& secret, const Policy* before) {
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
  policy->protection = TRY(make_protection(settings, secret, before));
  policy->settings = std::move(settings);
  policy->guards = std::move(guards);
  // First: what may not be seen is refused whatever else is thought of a statement, and never learned.
  if (policy->protection != nullptr && policy->protection->encrypts())
    policy->guards.insert(policy->guards.begin(), make_encrypted_columns(policy->protection));
  if (policy->protection != nullptr) policy->guards.insert(policy->guards.begin(), make_masked_columns(policy->protection));
  policy->secret = secret;
  return std::shared_ptr<const Policy>(std::move(policy));
}

}  // namespace bulwark::database
