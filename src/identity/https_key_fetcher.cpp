// A fetch as a blocking call over the asynchronous client.
#include "identity/https_key_fetcher.h"

namespace bulwark::identity {

Result<std::string> HttpsKeyFetcher::fetch(const IssuerSettings& issuer) {
  auto answer = std::make_shared<std::promise<Result<net::HttpResponse>>>();
  net::HttpClient::Ticket ticket = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_) return internal_error(Code::cancelled, "stopping");
    ticket = client_->send({.url = issuer.jwks_url,
                            .headers = {{"Accept", "application/jwk-set+json, application/json"}},
                            .ca_file = issuer.ca_file,
                            .timeout = issuer.fetch_timeout,
                            .max_body_bytes = KeySet::kMaxBytes},
                           [answer](Result<net::HttpResponse> result) { answer->set_value(std::move(result)); });
    in_flight_.insert(ticket);
  }
  auto response = answer->get_future().get();
  {
    const std::scoped_lock lock(mutex_);
    in_flight_.erase(ticket);
  }
  if (!response.ok()) return std::move(response).error();
  if (response->status != 200) return upstream_error(Code::unavailable, "key set answered with status " + std::to_string(response->status));
  return std::move(response->body);
}

void HttpsKeyFetcher::stop() {
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  for (const auto ticket : in_flight_) client_->cancel(ticket);
}

}  // namespace bulwark::identity
