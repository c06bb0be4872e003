// A browser's side of the console's API in unit tests: keeps the cookie, sends what our own page sends, waits for the answer.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "console/console.h"
#include "gateway/exchange.h"
#include "wire/json/reader.h"

namespace bulwark::console {

struct Answer {
  std::uint16_t status = 0;
  std::string body;
  std::map<std::string, std::string> headers;

  std::string text(std::string_view key) const {
    const auto document = json::Document::parse(body);
    return document.ok() ? std::string(document->root().text(key)) : std::string();
  }
};

/// Collects what a handler answers, from whichever thread.
class Waiter final : public gateway::Responder {
 public:
  void respond(std::uint16_t status, gateway::HeaderPairs headers, std::string body) override {
    const std::lock_guard lock(mutex_);
    answer_.status = status;
    for (auto& [name, value] : headers) answer_.headers[name] = value;
    answer_.body = std::move(body);
    changed_.notify_all();
  }
  void begin(std::uint16_t status, gateway::HeaderPairs headers) override { respond(status, std::move(headers), ""); }
  bool write(std::string chunk) override {
    const std::lock_guard lock(mutex_);
    answer_.body += chunk;
    changed_.notify_all();
    return open;
  }
  void end() override { ended = true; }

  Answer wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return answer_.status != 0; });
    return answer_;
  }
  std::string wait_for(std::string_view text) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return answer_.body.find(text) != std::string::npos; });
    return answer_.body;
  }

  bool open = true;
  bool ended = false;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Answer answer_;
};

class Browser {
 public:
  explicit Browser(gateway::Handler& handler) : handler_(handler) {}

  Answer get(std::string path) {
    headers = {{"host", kAuthority}};
    return send("GET", std::move(path), "");
  }
  Answer post(std::string path, std::string body) {
    headers = {{"host", kAuthority},
               {"origin", "https://" + std::string(kAuthority)},
               {"sec-fetch-site", "same-origin"},
               {"content-type", "application/json"},
               {"x-csrf-token", csrf}};
    return send("POST", std::move(path), std::move(body));
  }
  Answer send(std::string method, std::string path, std::string body) {
    auto waiter = std::make_shared<Waiter>();
    send_to(waiter, std::move(method), std::move(path), std::move(body));
    Answer answer = waiter->wait();
    if (const auto cookie = answer.headers.find("set-cookie"); cookie != answer.headers.end())
      token = cookie->second.substr(kCookie.size(), cookie->second.find(';') - kCookie.size());
    if (const auto given = answer.text("csrf"); !given.empty()) csrf = given;
    return answer;
  }
  void send_to(std::shared_ptr<Waiter> waiter, std::string method, std::string path, std::string body) {
    if (!token.empty()) headers["cookie"] = "theme=dark; " + std::string(kCookie) + token;
    gateway::Exchange exchange;
    const auto question = path.find('?');
    exchange.trace = TraceId::random();
    exchange.client = {IpAddress::parse(source).value(), 40000};
    exchange.request.method = method;
    exchange.request.target = path;
    exchange.request.path = std::string_view(path).substr(0, question);
    if (question != path.npos) exchange.request.query = std::string_view(path).substr(question + 1);
    exchange.request.authority = kAuthority;
    exchange.request.body = body;
    for (const auto& [name, value] : headers) {
      gateway::Header header;
      header.name = name;
      header.value = value;
      exchange.request.headers.list.push_back(header);
    }
    handler_.handle(exchange, std::move(waiter));
  }

  std::string token;
  std::string csrf;
  std::string source = "127.0.0.1";
  std::map<std::string, std::string> headers;  ///< of the next send(); get() and post() fill in what our page sends

 private:
  static constexpr const char* kAuthority = "localhost:9443";
  static constexpr std::string_view kCookie = "__Host-bulwark=";
  gateway::Handler& handler_;
};

}  // namespace bulwark::console
