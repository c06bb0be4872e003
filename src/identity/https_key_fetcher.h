// Fetches issuers' key sets with the outbound client that the whole process shares.
#pragma once

#include <future>
#include <mutex>
#include <set>

#include "identity/keyring.h"
#include "net/http_client.h"

namespace bulwark::identity {

class HttpsKeyFetcher final : public KeyFetcher {
 public:
  explicit HttpsKeyFetcher(std::shared_ptr<net::HttpClient> client) : client_(std::move(client)) {}

  /// Errors, origin upstream: no answer, or another status than 200.
  Result<std::string> fetch(const IssuerSettings& issuer) override;
  void stop() override;

 private:
  std::shared_ptr<net::HttpClient> client_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::set<net::HttpClient::Ticket> in_flight_;
};

}  // namespace bulwark::identity
