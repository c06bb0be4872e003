// OpenSSL contexts from settings: versions and ciphers, certificates by SNI, ALPN, trust.
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <utility>

namespace bulwark::net {
namespace {

// TLS 1.2 with forward secrecy and AEAD only; 1.3's suites are fine as they are.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr long kReadBufferBytes = 16 * 1024 + 512;  // one record of the largest size, so that one read() takes it whole

std::string openssl_words() {
  char text[256] = "unknown";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

Error failure(std::string what) { return config_error(std::move(what) + ": " + openssl_words()); }

struct FreeContext {
  void operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<ssl_ctx_st, FreeContext>;

void configure(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set_options(context,
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, kReadBufferBytes);
}

Result<void> load_certificate(SSL_CTX* context, const CertificateFiles& files) {
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate_file.c_str()) != 1)
    return failure("cannot use certificate '" + files.certificate_file + "'");
  if (SSL_CTX_use_PrivateKey_file(context, files.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return failure("cannot use key '" + files.key_file + "'");
  if (SSL_CTX_check_private_key(context) != 1) return failure("key '" + files.key_file + "' does not fit its certificate");
  return {};
}

/// RFC 7301 §3.1: each name preceded by its length.
Result<std::string> alpn_wire(const std::vector<std::string>& names) {
  std::string wire;
  for (const auto& name : names) {
    if (name.empty() || name.size() > 255) return config_error("an ALPN name has 1 to 255 bytes");
    wire.push_back(static_cast<char>(name.size()));
    wire.append(name);
  }
  return wire;
}

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size, void* ours) {
  const auto& wire = *static_cast<const std::string*>(ours);
  unsigned char* chosen = nullptr;
  const int agreed = SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(wire.data()),
                                           static_cast<unsigned>(wire.size()), in, in_size);
  *out = chosen;
  return agreed == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::vector<std::string> dns_names(SSL_CTX* context) {
  std::vector<std::string> names;
  X509* certificate = SSL_CTX_get0_certificate(context);
  auto* alternatives = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type != GEN_DNS) continue;
    names.push_back(lower({reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                           static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))}));
  }
  GENERAL_NAMES_free(alternatives);
  return names;
}

Result<void> trust_clients(SSL_CTX* context, const ServerTlsSettings& settings) {
  if (settings.client_ca_file.empty()) {
    if (settings.require_client_certificate) return config_error("require_client_certificate needs client_ca_file");
    return {};
  }
  if (SSL_CTX_load_verify_locations(context, settings.client_ca_file.c_str(), nullptr) != 1)
    return failure("cannot use client CA '" + settings.client_ca_file + "'");
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(settings.client_ca_file.c_str()));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (settings.require_client_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  return {};
}

}  // namespace

struct TlsServer::Names {
  std::string alpn;
  std::vector<ContextPtr> contexts;
  std::unordered_map<std::string, SSL_CTX*> by_name;  // "example.com", "*.example.com"

  SSL_CTX* find(std::string_view server_name) const {
    const std::string name = lower(server_name);
    if (const auto exact = by_name.find(name); exact != by_name.end()) return exact->second;
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos) return nullptr;
    const auto wildcard = by_name.find("*" + name.substr(dot));  // RFC 6125 §6.4.3: one label
    return wildcard == by_name.end() ? nullptr : wildcard->second;
  }

  static int on_server_name(SSL* ssl, int*, void* self) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
    if (SSL_CTX* context = static_cast<const Names*>(self)->find(name)) SSL_set_SSL_CTX(ssl, context);
    return SSL_TLSEXT_ERR_OK;
  }

  Result<void> add(const CertificateFiles& files, const ServerTlsSettings& settings) {
    ContextPtr context(SSL_CTX_new(TLS_server_method()));
    if (!context) return failure("cannot make a TLS context");
    configure(context.get());
    TRY(load_certificate(context.get(), files));
    TRY(trust_clients(context.get(), settings));
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // tickets only: nothing kept per client
    SSL_CTX_set_num_tickets(context.get(), 1);
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("bulwark"), 7);
    SSL_CTX_set_tlsext_servername_callback(context.get(), &Names::on_server_name);
    SSL_CTX_set_tlsext_servername_arg(context.get(), this);
    if (!alpn.empty()) SSL_CTX_set_alpn_select_cb(context.get(), &select_alpn, &alpn);
    for (auto& name : dns_names(context.get())) by_name.emplace(std::move(name), context.get());
    contexts.push_back(std::move(context));
    return {};
  }
};

TlsServer::TlsServer() = default;
TlsServer::~TlsServer() = default;

Result<std::shared_ptr<const TlsServer>> TlsServer::create(const ServerTlsSettings& settings) {
  if (settings.certificates.empty()) return config_error("a TLS server needs a certificate");
  std::shared_ptr<TlsServer> server(new TlsServer);
  server->names_ = std::make_unique<Names>();
  server->names_->alpn = TRY(alpn_wire(settings.alpn));
  for (const auto& files : settings.certificates) TRY(server->names_->add(files, settings));
  server->context_ = server->names_->contexts.front().get();
  return std::shared_ptr<const TlsServer>(std::move(server));
}

TlsClient::~TlsClient() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsClient>> TlsClient::create(const ClientTlsSettings& settings) {
  std::shared_ptr<TlsClient> client(new TlsClient);
  client->settings_ = settings;
  client->context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX* context = client->context_;
  if (context == nullptr) return failure("cannot make a TLS context");
  configure(context);
  if (settings.verify) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    if (settings.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) != 1
                                 : SSL_CTX_load_verify_locations(context, settings.ca_file.c_str(), nullptr) != 1)
      return failure("cannot use CA '" + settings.ca_file + "'");
  }
  if (!settings.client_certificate.certificate_file.empty()) TRY(load_certificate(context, settings.client_certificate));
  const std::string wire = TRY(alpn_wire(settings.alpn));
  if (!wire.empty())
    SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(wire.data()), static_cast<unsigned>(wire.size()));
  return std::shared_ptr<const TlsClient>(std::move(client));
}

}  // namespace bulwark::net
