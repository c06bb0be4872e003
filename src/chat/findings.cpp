// OWASP Top 10 for LLM Applications (2025) and MITRE ATLAS ids in each finding's detail.
#include "chat/findings.h"

#include <fmt/format.h>

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

}  // namespace bulwark::chat
