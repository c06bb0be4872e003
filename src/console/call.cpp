#include "console/call.h"

#include <fmt/core.h>

#include "base/log.h"
#include "wire/json/writer.h"

namespace bulwark::console {
namespace {

std::string_view cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = header.find(';');
    auto pair = header.substr(0, end);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return pair.substr(name.size() + 1);
    if (end == header.npos) break;
    header.remove_prefix(end + 1);
  }
  return {};
}

int hex_digit(char each) {
  if (each >= '0' && each <= '9') return each - '0';
  if (each >= 'a' && each <= 'f') return each - 'a' + 10;
  if (each >= 'A' && each <= 'F') return each - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size() && out.size() < Parameters::kMaxValue; ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::uint16_t status_for(const Error& error) {
  switch (error.code) {
    case Code::invalid: return 400;
    case Code::not_found: return 404;
    case Code::too_large: return 413;
    case Code::denied: return 403;
    case Code::conflict: return 409;
    case Code::exhausted: return 429;
    case Code::unsupported: return 422;
    default: return 500;
  }
}

}  // namespace

Call call_of(const gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) {
  const auto& request = exchange.request;
  const auto header = [&](std::string_view name) { return std::string(request.headers.get(name)); };
  Call call;
  call.method = request.method;
  call.path = request.path;
  call.query = request.query;
  call.body = request.body;
  call.origin = header("origin");
  call.authority = request.authority;
  call.fetch_site = header("sec-fetch-site");
  call.csrf = header("x-csrf-token");
  call.content_type = header("content-type");
  for (const auto& each : request.headers.list)  // HTTP/2 may send several Cookie lines
    if (gateway::same_header(each.name, "cookie") && call.session_token.empty()) call.session_token = cookie(each.value, kSessionCookie);
  call.client = exchange.client.address;
  call.trace = exchange.trace;
  call.responder = std::move(responder);
  return call;
}

Reply problem(std::uint16_t status, std::string_view code, std::string_view message) {
  Reply reply{.status = status};
  json::Writer(reply.body).begin_object().field("error", code).field("message", message).end_object();
  return reply;
}

Reply problem(const Error& error) {
  if (error.origin == Origin::client) return problem(status_for(error), to_string(error.code), error.message);
  log::error("console: {}", to_string(error));
  return problem(error.code == Code::unavailable ? 503 : 500, "internal", "Bulwark could not do this just now. Its log says why.");
}

Reply json_reply(std::string body) { return {.status = 200, .body = std::move(body)}; }

Parameters::Parameters(std::string_view query) {
  while (!query.empty() && list_.size() < kMax) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    const auto equals = pair.find('=');
    list_.emplace_back(decoded(pair.substr(0, equals)), equals == pair.npos ? std::string() : decoded(pair.substr(equals + 1)));
    if (end == query.npos) break;
    query.remove_prefix(end + 1);
  }
}

std::string_view Parameters::get(std::string_view name) const {
  for (const auto& [key, value] : list_)
    if (key == name) return value;
  return {};
}

}  // namespace bulwark::console
