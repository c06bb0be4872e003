// OpenAI: {"error": {message, type, param, code}}. Anthropic: {"type": "error", "error": {type, message}}.
#include "chat/protocols/refusal.h"

#include "wire/json/writer.h"

namespace bulwark::chat {

namespace {

std::string_view openai_type(std::uint16_t status) {
  if (status == 429) return "insufficient_quota";
  return status == 403 ? "permission_error" : "invalid_request_error";
}

std::string_view anthropic_type(std::uint16_t status) {
  if (status == 403) return "permission_error";
  if (status == 429) return "rate_limit_error";
  return status == 413 ? "request_too_large" : "invalid_request_error";
}

std::string body(Dialect dialect, const Refusal& refusal, std::string_view request_id) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (dialect == Dialect::anthropic) writer.field("type", "error");
  writer.key("error").begin_object();
  writer.field("message", refusal.message);
  writer.field("type", dialect == Dialect::anthropic ? anthropic_type(refusal.status) : openai_type(refusal.status));
  if (dialect == Dialect::openai) {
    if (refusal.param.empty())
      writer.key("param").null();
    else
      writer.field("param", refusal.param);
  }
  writer.field("code", refusal.code);
  writer.end_object().field("request_id", request_id).end_object();
  return out;
}

}  // namespace

gateway::Denial denial(Dialect dialect, const Refusal& refusal, std::string_view request_id) {
  gateway::Denial out;
  out.status = refusal.status;
  out.stage = "chat";
  out.rule = refusal.rule;
  out.reason = refusal.message;
  out.body = body(dialect, refusal, request_id);
  out.content_type = "application/json";
  out.headers = {{"x-should-retry", "false"}};
  return out;
}

gateway::Denial bad_request(Dialect dialect, const Error& error, std::string_view request_id) {
  const bool large = error.code == Code::too_large;
  const std::uint16_t status = large ? 413 : error.code == Code::unsupported ? 415 : 400;
  return denial(dialect,
                {.status = status,
                 .rule = large ? "chat.input.size" : "chat.input.format",
                 .code = large ? "request_too_large" : "invalid_request",
                 .message = error.message},
                request_id);
}

}  // namespace bulwark::chat
