// The client's thread: tickets to calls, and the checks before a call may begin.
#include "net/http_client.h"

#include <atomic>
#include <thread>
#include <unordered_map>

#include "net/http_call.h"
#include "net/reactor.h"
#include "net/resolver.h"
#include "net/url.h"
#include "wire/http/field.h"

namespace bulwark::net {
namespace {

Result<Url> checked(const HttpRequest& request) {
  if (!http::is_token(request.method)) return config_error("malformed method");
  for (const auto& [name, value] : request.headers)
    if (!http::is_token(name) || !http::is_field_value(value)) return config_error("malformed header for an outbound request");
  return Url::parse(request.url);
}

}  // namespace

struct HttpClient::State {
  explicit State(std::unique_ptr<Reactor> with) : reactor(std::move(with)), resolver(std::make_unique<Resolver>()) {}

  void begin(Ticket ticket, HttpRequest request, Url url, Done done) {
    if (calls.size() >= kMaxInFlight) return done(internal_error(Code::exhausted, "too many outbound requests at once"));
    const std::string host = url.host;
    const std::uint16_t port = url.port;
    auto finished = [this, ticket, done = std::move(done)](Result<HttpResponse> result) { finish(ticket, done, std::move(result)); };
    calls.emplace(ticket, std::make_unique<HttpCall>(*reactor, std::move(request), std::move(url), std::move(finished)));
    resolver->resolve(host, port, [this, ticket](Result<std::vector<Endpoint>> found) {
      auto shared = std::make_shared<Result<std::vector<Endpoint>>>(std::move(found));
      reactor->post([this, ticket, shared] { resolved(ticket, std::move(*shared)); });
    });
  }

  void resolved(Ticket ticket, Result<std::vector<Endpoint>> found) {
    const auto call = calls.find(ticket);
    if (call == calls.end()) return;
    if (found.ok())
      call->second->start(std::move(*found));
    else
      call->second->fail(std::move(found).error());
  }

  void finish(Ticket ticket, const Done& done, Result<HttpResponse> result) {
    done(std::move(result));
    reactor->defer([this, ticket] { calls.erase(ticket); });
  }

  void cancel(Ticket ticket) {
    if (const auto call = calls.find(ticket); call != calls.end()) call->second->fail(internal_error(Code::cancelled, "request cancelled"));
  }

  void cancel_all() {
    for (auto& [ticket, call] : calls) call->fail(internal_error(Code::cancelled, "request cancelled"));
  }

  std::unique_ptr<Reactor> reactor;
  std::unique_ptr<Resolver> resolver;
  std::unordered_map<Ticket, std::unique_ptr<HttpCall>> calls;  ///< the reactor's thread only
  std::atomic<Ticket> next{1};
  std::thread thread;
};

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->thread = std::thread([raw = state_.get()] { raw->reactor->run(); });
}

Result<std::unique_ptr<HttpClient>> HttpClient::create() {
  return std::unique_ptr<HttpClient>(new HttpClient(std::make_unique<State>(TRY(Reactor::create()))));
}

HttpClient::~HttpClient() {
  state_->reactor->post([raw = state_.get()] { raw->cancel_all(); });
  state_->reactor->stop();
  state_->thread.join();
}

HttpClient::Ticket HttpClient::send(HttpRequest request, Done done) {
  const Ticket ticket = state_->next.fetch_add(1);
  auto url = std::make_shared<Result<Url>>(checked(request));
  state_->reactor->post([raw = state_.get(), ticket, url, request = std::move(request), done = std::move(done)]() mutable {
    if (!url->ok()) return done(std::move(*url).error());
    raw->begin(ticket, std::move(request), std::move(**url), std::move(done));
  });
  return ticket;
}

void HttpClient::cancel(Ticket ticket) {
  state_->reactor->post([raw = state_.get(), ticket] { raw->cancel(ticket); });
}

}  // namespace bulwark::net
