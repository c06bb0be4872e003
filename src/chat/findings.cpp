// OWASP Top 10 for LLM Applications (2025) and MITRE ATLAS ids in each finding's detail.
#include "chat/findings.h"

#include <fmt/format.h>

#include "wire/json/writer.h"

namespace bulwark::chat {

namespace {

std::string_view action(Mode mode) {
  return mode == Mode::mask ? "masked" : mode == Mode::block ? "blocked" : "seen";
}

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

}  // namespace bulwark::chat
