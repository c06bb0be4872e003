// Bounded by the handler's own body limit; what is not valid is answered 400.
#include "waf/regression/reflector.h"

#include <algorithm>
#include <array>

#include "waf/seclang/text.h"
#include "waf/transforms/transform.h"
#include "wire/json/reader.h"

namespace bulwark::waf::regression {
namespace {

/// The type that albedo's HTTP server finds in a body that came without one (WHATWG MIME sniffing, as far as tests use it).
std::string_view sniffed(std::string_view body) {
  constexpr auto kMarkup =
      std::to_array<std::string_view>({"<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a",
                                       "<style", "<title", "<b", "<body", "<br", "<p", "<!--"});
  if (body.starts_with("\x1f\x8b\x08")) return "application/x-gzip";
  if (std::any_of(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(body.size(), 512)), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x09 || byte == 0x0b || (byte >= 0x0e && byte < 0x20 && byte != 0x1b);
      }))
    return "application/octet-stream";
  while (!body.empty() && (body.front() == ' ' || (body.front() >= '\t' && body.front() <= '\r'))) body.remove_prefix(1);
  for (const auto mark : kMarkup)
    if (same_text(body.substr(0, mark.size()), mark) && body.size() > mark.size() && (body[mark.size()] == ' ' || body[mark.size()] == '>'))
      return "text/html; charset=utf-8";
  return body.starts_with("<?xml") ? "text/xml; charset=utf-8" : "text/plain; charset=utf-8";
}

void give(gateway::Responder& responder, BackendAnswer answer) {
  if (answer.status < 200 || answer.status > 599) return responder.respond(400, {}, "status is out of range");
  const auto& headers = answer.headers;
  const bool typed = std::any_of(headers.begin(), headers.end(), [](const auto& each) { return same_text(each.first, "content-type"); });
  if (!typed && !answer.body.empty()) answer.headers.emplace_back("content-type", sniffed(answer.body));
  responder.respond(static_cast<std::uint16_t>(answer.status), std::move(answer.headers), std::move(answer.body));
}

std::optional<BackendAnswer> asked_for(std::string_view body) {
  const auto asked = json::Document::parse(body);
  if (!asked || !asked->root().is(json::Type::object)) return std::nullopt;
  const json::Value root = asked->root();
  BackendAnswer answer;
  if (const auto status = root.find("status")) answer.status = static_cast<int>(status->integer().value_or(200));
  if (const auto given = root.find("headers"))
    for (const auto header : *given) answer.headers.emplace_back(std::string(header.name()), std::string(header.string()));
  answer.body = root.text("body");
  if (const auto encoded = root.text("encodedBody"); answer.body.empty() && !encoded.empty())
    if (!apply(Transform::base64_decode, encoded, answer.body)) answer.body = encoded;
  return answer;
}

}  // namespace

void Reflector::prepare(Runner runner, std::optional<BackendAnswer> answer) {
  const std::lock_guard lock(mutex_);
  runner_ = runner;
  answer_ = std::move(answer);
}

void Reflector::handle(gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) {
  const std::lock_guard lock(mutex_);
  if (answer_) return give(*responder, *answer_);
  const std::string_view path = exchange.request.path;
  if (path.ends_with("/reflect") || path.ends_with("/reflect/")) {
    auto answer = asked_for(exchange.request.body);
    if (!answer) return responder->respond(400, {}, "expected a JSON object");
    return give(*responder, std::move(*answer));
  }
  if (runner_ == Runner::go_ftw) return responder->respond(200, {}, "");
  const bool known = path.find('%') == std::string_view::npos;  // a file server has no file of such a name
  responder->respond(known ? 200 : 404, {{"content-type", "text/plain"}}, std::string(exchange.request.body));
}

}  // namespace bulwark::waf::regression
