// TLS 1.2/1.3 settings as immutable snapshots over OpenSSL: a server's certificates chosen by SNI, a client's trust.
// A certificate swap builds a new snapshot; connections in progress keep theirs.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace bulwark::net {

struct CertificateFiles {
  std::string certificate_file;  ///< PEM chain, leaf first
  std::string key_file;          ///< PEM private key
};

struct ServerTlsSettings {
  /// The first is served when no name matches; names come from each certificate's subjectAltName.
  std::vector<CertificateFiles> certificates;
  std::vector<std::string> alpn = {"h2", "http/1.1"};  ///< in order of our preference; empty: no ALPN
  std::string client_ca_file;                          ///< not empty: client certificates are asked for and verified
  bool require_client_certificate = false;
};

struct ClientTlsSettings {
  std::string ca_file;  ///< empty: the system's trust store
  bool verify = true;
  std::string server_name;  ///< for SNI and verification
  std::vector<std::string> alpn;
  CertificateFiles client_certificate;  ///< optional
};

class TlsServer {
 public:
  static Result<std::shared_ptr<const TlsServer>> create(const ServerTlsSettings& settings);
  ~TlsServer();
  ssl_ctx_st* context() const { return context_; }  ///< of the default certificate; SNI switches per handshake

 private:
  TlsServer();
  ssl_ctx_st* context_ = nullptr;
  struct Names;
  std::unique_ptr<Names> names_;
};

class TlsClient {
 public:
  static Result<std::shared_ptr<const TlsClient>> create(const ClientTlsSettings& settings);
  ~TlsClient();
  ssl_ctx_st* context() const { return context_; }
  const ClientTlsSettings& settings() const { return settings_; }

 private:
  TlsClient() = default;
  ssl_ctx_st* context_ = nullptr;
  ClientTlsSettings settings_;
};

/// A private key and a self-signed certificate for `names` (DNS names or IP addresses), PEM, ECDSA P-256, for first runs and tests.
struct SelfSigned {
  std::string certificate_pem;
  std::string key_pem;
};
Result<SelfSigned> make_self_signed(const std::vector<std::string>& names, int days);

}  // namespace bulwark::net
