// The probe http.
#include "noc/probes/http.h"

#include <fmt/format.h>

#include <future>

namespace bulwark::noc {
namespace {

constexpr std::size_t kMaxBody = 64 * 1024;

class Http final : public Probe {
 public:
  Http(const ProbeSettings& settings, net::HttpClient& client) : settings_(settings), client_(client) {}
  std::string_view name() const override { return settings_.name; }
  std::chrono::milliseconds interval() const override { return settings_.interval; }

  Result<Observation> observe(std::chrono::milliseconds deadline) override {
    net::HttpRequest request;
    request.url = settings_.url;
    request.ca_file = settings_.ca_file;
    request.timeout = std::min(deadline, settings_.deadline);
    request.max_body_bytes = kMaxBody;
    auto answered = std::make_shared<std::promise<Result<net::HttpResponse>>>();
    auto answer = answered->get_future();
    const auto started = std::chrono::steady_clock::now();
    client_.send(std::move(request), [answered](Result<net::HttpResponse> response) { answered->set_value(std::move(response)); });
    const auto response = answer.get();  // the client keeps the deadline and always calls back
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started);
    if (!response) {
      if (response.error().origin != Origin::upstream) return response.error();
      return Observation{Health::down, took, "no answer: " + response.error().message};
    }
    const Health health = response->status < 400 ? Health::up : response->status < 500 ? Health::degraded : Health::down;
    return Observation{health, took, fmt::format("answers with status {}", response->status)};
  }

 private:
  ProbeSettings settings_;
  net::HttpClient& client_;
};

}  // namespace

std::unique_ptr<Probe> make_http(const ProbeSettings& settings, net::HttpClient& client) {
  return std::make_unique<Http>(settings, client);
}

}  // namespace bulwark::noc
