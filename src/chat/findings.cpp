// OWASP Top 10 for LLM Applications (2025) and MITRE ATLAS ids in each finding's detail.
#include "chat/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "wire/json/writer.h"

namespace bulwark::chat {

namespace {

std::string_view action(Mode mode) { return mode == Mode::mask ? "masked" : mode == Mode::block ? "blocked" : "seen"; }

}  // namespace

gateway::Finding pii_finding(pii::Kind kind, std::uint32_t count, Mode mode) {
  gateway::Finding finding;
  finding.stage = "chat";
  finding.plane = events::Plane::chat;
  finding.rule = fmt::format("chat.pii.{}", to_string(kind));
  finding.severity = mode == Mode::block ? events::Severity::medium : events::Severity::low;
  finding.message = fmt::format("{} {} value{} {} in a prompt", count, to_string(kind), count == 1 ? "" : "s", action(mode));
  json::Writer(finding.detail)
      .begin_object()
      .field("owasp", "LLM02:2025")
      .field("atlas", "AML.T0057")
      .field("kind", to_string(kind))
      .field("count", static_cast<std::uint64_t>(count))
      .field("action", action(mode))
      .end_object();
  return finding;
}

gateway::Finding injection_finding(const Part& part, const injection::Judgement& judgement, Mode mode) {
  const bool data = part.channel == Channel::data;
  gateway::Finding finding;
  finding.stage = "chat";
  finding.plane = events::Plane::chat;
  finding.rule = fmt::format("chat.injection.{}", to_string(part.channel));
  finding.severity = mode == Mode::block ? events::Severity::high : events::Severity::medium;
  finding.message = data ? "text that arrived as data gives the model instructions" : "a turn tries to override or jailbreak the model";
  json::Writer writer(finding.detail);
  writer.begin_object()
      .field("owasp", "LLM01:2025")
      .field("atlas", data ? "AML.T0051.001" : "AML.T0051.000")
      .field("channel", to_string(part.channel))
      .field("message", static_cast<std::uint64_t>(part.message))
      .field("score", static_cast<double>(judgement.score))
      .field("evasion", injection::to_string(judgement.evasion))
      .field("action", action(mode));
  if (!judgement.span.empty()) {
    writer.field("begin", static_cast<std::uint64_t>(judgement.span.data() - part.text.data()));
    writer.field("length", static_cast<std::uint64_t>(judgement.span.size()));
  }
  writer.end_object();
  return finding;
}

gateway::Finding escalation_finding(std::span<const Said> said, float score, Mode mode) {
  constexpr std::size_t kMostNamed = 12;  // of the turns; older ones hardly count
  gateway::Finding finding;
  finding.stage = "chat";
  finding.plane = events::Plane::chat;
  finding.rule = "chat.injection.conversation";
  finding.severity = mode == Mode::block ? events::Severity::high : events::Severity::medium;
  finding.message = fmt::format("the {} turns of a user together lead the model astray, though none does by itself", said.size());
  json::Writer writer(finding.detail);
  writer.begin_object()
      .field("owasp", "LLM01:2025")
      .field("atlas", "AML.T0054")  // LLM jailbreak
      .field("score", static_cast<double>(score))
      .field("action", action(mode))
      .key("turns")
      .begin_array();
  for (const Said& each : said.last(std::min(said.size(), kMostNamed)))
    writer.begin_object()
        .field("message", static_cast<std::uint64_t>(each.message))
        .field("score", static_cast<double>(each.score))
        .end_object();
  writer.end_array().end_object();
  return finding;
}

gateway::Finding gibberish_finding(const Part& part, const injection::Soup& soup, Mode mode) {
  gateway::Finding finding;
  finding.stage = "chat";
  finding.plane = events::Plane::chat;
  finding.rule = "chat.injection.gibberish";
  finding.severity = mode == Mode::block ? events::Severity::high : events::Severity::medium;
  finding.message = "a turn holds a string that is neither text nor code, as optimisers make them";
  json::Writer writer(finding.detail);
  writer.begin_object()
      .field("owasp", "LLM01:2025")
      .field("atlas", "AML.T0043")  // craft adversarial data
      .field("message", static_cast<std::uint64_t>(part.message))
      .field("score", static_cast<double>(soup.score))
      .field("length", static_cast<std::uint64_t>(soup.window.size()))
      .field("action", action(mode))
      .end_object();
  return finding;
}

namespace {

struct Classes {
  std::string_view guard;
  std::string_view owasp;
  std::string_view atlas;
};
constexpr std::array kOutputClasses = {
    Classes{"canary", "LLM07:2025", "AML.T0056"},    // system prompt leakage; extract the system prompt
    Classes{"prompt", "LLM07:2025", "AML.T0056"},    //
    Classes{"pii", "LLM02:2025", "AML.T0057"},       // sensitive information disclosure; data leakage
    Classes{"secret", "LLM02:2025", "AML.T0057"},    //
    Classes{"links", "LLM05:2025", "AML.T0077"},     // improper output handling; response rendering
    Classes{"markup", "LLM05:2025", "AML.T0077"},    //
    Classes{"commands", "LLM05:2025", "AML.T0067"},  // manipulating the user's trust in what the model shows
    Classes{"controls", "LLM05:2025", "AML.T0077"}, Classes{"tools", "LLM06:2025", "AML.T0053"},  // excessive agency; tool invocation
};

}  // namespace

gateway::Finding output_finding(std::string_view guard, std::string_view what, Mode mode) {
  gateway::Finding finding;
  finding.stage = "chat";
  finding.plane = events::Plane::chat;
  finding.rule = fmt::format("chat.output.{}", guard);
  finding.severity = guard == "canary"     ? events::Severity::critical
                     : mode == Mode::block ? events::Severity::high
                                           : events::Severity::medium;
  finding.message = fmt::format("{} {} in the model's answer", what.empty() ? "invisible characters" : what, action(mode));
  json::Writer writer(finding.detail);
  writer.begin_object();
  const auto classes = std::find_if(kOutputClasses.begin(), kOutputClasses.end(), [&](const Classes& each) { return each.guard == guard; });
  if (classes != kOutputClasses.end()) writer.field("owasp", classes->owasp).field("atlas", classes->atlas);
  writer.field("what", what).field("action", action(mode)).end_object();
  return finding;
}

gateway::Finding input_finding(std::string_view check, std::string_view what, Mode mode) {
  gateway::Finding finding;
  finding.stage = "chat";
  finding.plane = events::Plane::chat;
  finding.rule = fmt::format("chat.input.{}", check);
  finding.severity = mode == Mode::block ? events::Severity::medium : events::Severity::low;
  finding.message = fmt::format("{} {} in a prompt", what, action(mode));
  json::Writer(finding.detail)
      .begin_object()
      .field("owasp", "LLM01:2025")
      .field("atlas", "AML.T0068")
      .field("what", what)
      .field("action", action(mode))
      .end_object();
  return finding;
}

gateway::Finding budget_finding(std::string_view budget) {
  gateway::Finding finding;
  finding.stage = "chat";
  finding.plane = events::Plane::chat;
  finding.rule = fmt::format("chat.budget.{}", budget);
  finding.severity = events::Severity::medium;
  finding.message = fmt::format("the budget {} is spent", budget);
  json::Writer(finding.detail)
      .begin_object()
      .field("owasp", "LLM10:2025")
      .field("atlas", "AML.T0034")
      .field("budget", budget)
      .field("action", "blocked")
      .end_object();
  return finding;
}

gateway::Finding fallback_finding(std::string_view model, std::uint16_t status, bool other) {
  gateway::Finding finding;
  finding.stage = "chat";
  finding.plane = events::Plane::chat;
  finding.rule = other ? "chat.model.fallback" : "chat.model.retry";
  finding.severity = events::Severity::low;
  const std::string why = status == 0 ? std::string("did not answer") : fmt::format("answered {}", status);
  finding.message = fmt::format("a model {}: {} is asked{}", why, model, other ? " instead" : " once more");
  json::Writer(finding.detail).begin_object().field("model", model).field("status", static_cast<unsigned>(status)).end_object();
  return finding;
}

gateway::Finding not_kept_finding() {
  gateway::Finding finding;
  finding.stage = "chat";
  finding.plane = events::Plane::chat;
  finding.rule = "chat.conversations.lost";
  finding.severity = events::Severity::high;
  finding.message = "a turn was not kept: more waits to be written than the bound allows";
  return finding;
}

}  // namespace bulwark::chat
