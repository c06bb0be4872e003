// Bounded by the handler's own body limit; what is not valid is answered 400.
#include "waf/regression/reflector.h"

#include "waf/transforms/transform.h"
#include "wire/json/reader.h"

namespace bulwark::waf::regression {

void Reflector::handle(gateway::Exchange& exchange, std::shared_ptr<gateway::Responder> responder) {
  const std::string_view path = exchange.request.path;
  const bool known = path.find('%') == std::string_view::npos;  // a file server has no file of such a name
  if (!path.ends_with("/reflect"))
    return responder->respond(known ? 200 : 404, {{"content-type", "text/plain"}}, std::string(exchange.request.body));
  const auto asked = json::Document::parse(exchange.request.body);
  if (!asked || !asked->root().is(json::Type::object)) return responder->respond(400, {}, "expected a JSON object");
  const json::Value root = asked->root();
  std::int64_t status = 200;
  if (const auto given = root.find("status")) status = given->integer().value_or(200);
  gateway::HeaderPairs headers;
  if (const auto given = root.find("headers"))
    for (const auto header : *given) headers.emplace_back(std::string(header.name()), std::string(header.string()));
  std::string body(root.text("body"));
  if (const auto encoded = root.text("encodedBody"); !encoded.empty()) {
    if (!apply(Transform::base64_decode, encoded, body)) body = encoded;
  }
  if (status < 200 || status > 599) return responder->respond(400, {}, "status is out of range");
  responder->respond(static_cast<std::uint16_t>(status), std::move(headers), std::move(body));
}

}  // namespace bulwark::waf::regression
