// Codes and words; their form is the dialect's (protocols/refusal.h).
#include "chat/refusals.h"

#include <fmt/format.h>

#include "chat/protocols/refusal.h"

namespace bulwark::chat {

namespace {

gateway::Denial denied(const gateway::Exchange& exchange, const Refusal& refusal) {
  return denial(dialect_of(exchange.request.path), refusal, exchange.trace.hex());
}

}  // namespace

gateway::Verdict refuse_bad(gateway::Exchange& exchange, const Error& error) {
  return exchange.deny(bad_request(dialect_of(exchange.request.path), error, exchange.trace.hex()));
}

gateway::Verdict refuse_input(gateway::Exchange& exchange, std::string_view check) {
  const std::string rule = fmt::format("chat.input.{}", check);
  const std::string message = fmt::format("The request holds what this service does not pass to a model ({}).", check);
  return exchange.deny(denied(exchange, {.rule = rule, .code = "input_blocked", .message = message, .param = "messages"}));
}

gateway::Verdict refuse_pii(gateway::Exchange& exchange, pii::Kind kind) {
  const std::string rule = fmt::format("chat.pii.{}", to_string(kind));
  const std::string message =
      fmt::format("The request holds personal data ({}) that this service does not pass to a model.", to_string(kind));
  return exchange.deny(denied(exchange, {.rule = rule, .code = "personal_data_blocked", .message = message, .param = "messages"}));
}

gateway::Verdict refuse_injection(gateway::Exchange& exchange, std::string_view guard) {
  const std::string rule = fmt::format("chat.injection.{}", guard);
  return exchange.deny(denied(exchange, {.rule = rule,
                                         .code = "prompt_injection_blocked",
                                         .message = "The request was refused because it tries to change what the model was told to do.",
                                         .param = "messages"}));
}

gateway::Verdict refuse_model(gateway::Exchange& exchange) {
  return exchange.deny(denied(exchange, {.rule = "chat.model.not_allowed",
                                         .code = "model_not_allowed",
                                         .message = "There is no such model here, or not for you.",
                                         .param = "model"}));
}

gateway::Verdict refuse_budget(gateway::Exchange& exchange, std::string_view budget, Duration wait) {
  const std::string rule = fmt::format("chat.budget.{}", budget);
  const std::string message = fmt::format("The budget '{}' is spent.", budget);
  gateway::Denial made = denied(exchange, {.status = 429, .rule = rule, .code = "budget_exceeded", .message = message});
  made.headers.emplace_back("retry-after", fmt::format("{}", std::chrono::ceil<std::chrono::seconds>(wait).count()));
  return exchange.deny(std::move(made));
}

gateway::Denial output_denial(const gateway::Exchange& exchange, std::string_view guard) {
  const std::string rule = fmt::format("chat.output.{}", guard);
  return denied(exchange, {.rule = rule, .code = "output_blocked", .message = "The model's answer was held back by the service's policy."});
}

}  // namespace bulwark::chat
