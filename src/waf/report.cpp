// Redaction by field name, and by kind of variable: one that holds the whole request shows only what matched.
#include "waf/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "waf/seclang/text.h"
#include "wire/json/writer.h"

namespace bulwark::waf {
namespace {

constexpr auto kSecretWords =
    std::to_array<std::string_view>({"passw", "passwd", "pwd", "passphrase", "token", "secret", "authorization", "apikey", "api_key",
                                     "api-key", "session", "sessid", "credential", "card", "cvv", "cvc"});

// Hold more than one field: a secret may stand anywhere in them.
constexpr auto kWholeRequest =
    std::to_array<Variable>({Variable::REQUEST_BODY, Variable::FULL_REQUEST, Variable::QUERY_STRING, Variable::REQUEST_LINE,
                             Variable::REQUEST_URI, Variable::REQUEST_URI_RAW, Variable::RESPONSE_BODY, Variable::XML});

events::Severity severity_of(const Rule& rule) {
  switch (rule.severity) {
    case 0:
    case 1: return events::Severity::critical;
    case 2: return events::Severity::high;
    case 3: return events::Severity::medium;
    case 4: return events::Severity::low;
    case 255: return events::Severity::medium;
    default: return events::Severity::informational;
  }
}

bool holds_whole_request(std::string_view variable) {
  const std::string_view name = variable.substr(0, variable.find(':'));
  return std::any_of(kWholeRequest.begin(), kWholeRequest.end(), [&](Variable each) { return to_string(each) == name; });
}

}  // namespace

bool is_secret_field(std::string_view variable) {
  const std::string name = lower(variable);
  if (name.ends_with(":sid")) return true;
  return std::any_of(kSecretWords.begin(), kSecretWords.end(), [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

std::string_view anomaly_score(const Transaction& transaction) {
  for (const auto name : {"blocking_inbound_anomaly_score", "anomaly_score"})
    if (const auto score = transaction.tx(name); !score.empty()) return score;
  return {};
}

gateway::Finding make_finding(const Match& match, std::string_view score) {
  gateway::Finding finding;
  finding.stage = "waf";
  finding.plane = events::Plane::waf;
  const bool matched = !match.budget_exhausted && !match.unanswered;
  finding.rule = match.budget_exhausted ? "waf.budget" : match.unanswered ? "waf.blocklist" : std::to_string(match.rule->id);
  finding.severity = matched ? severity_of(*match.rule) : match.unanswered ? events::Severity::medium : events::Severity::high;
  finding.message = match.rule->message.constant() || !matched ? match.message : match.rule->message.source;
  json::Writer out(finding.detail);
  out.begin_object().field("rule", match.rule->id).field("variable", std::string_view(match.variable));
  if (!is_secret_field(match.variable)) {
    if (!match.matched.empty()) out.field("matched", std::string_view(match.matched).substr(0, kMaxShown));
    if (!holds_whole_request(match.variable)) {
      out.field("value", std::string_view(match.value).substr(0, kMaxShown));
      if (match.decoded != match.value) out.field("decoded", std::string_view(match.decoded).substr(0, kMaxShown));
    }
  } else {
    out.field("redacted", true);
  }
  if (!score.empty()) out.field("score", score);
  out.key("tags").begin_array();
  for (const auto& tag : match.rule->tags)
    if (tag.starts_with("attack-") || tag.starts_with("paranoia-level") || tag.find("OWASP") != std::string::npos ||
        tag.starts_with("capec"))
      out.value(tag);
  out.end_array().field("file", std::string_view(match.rule->file)).field("line", match.rule->line).end_object();
  return finding;
}

std::string rule_name(const Intervention& intervention, const std::vector<Match>& matches) {
  if (intervention.rule == nullptr) return "waf.body_limit";
  for (const auto& match : matches)
    if (match.rule == intervention.rule && match.budget_exhausted) return "waf.budget";
  return std::to_string(intervention.rule->id);
}

gateway::Denial make_denial(const Transaction& transaction) {
  const Intervention& intervention = *transaction.intervention();
  gateway::Denial denial;
  denial.stage = "waf";
  denial.status = intervention.status;
  denial.rule = rule_name(intervention, transaction.matches());
  std::string led;
  std::size_t named = 0;
  for (const auto& match : transaction.matches()) {
    if (match.rule == intervention.rule || match.unanswered || ++named > 10) continue;
    led += fmt::format("{}{} {} in {}", led.empty() ? "" : "; ", match.rule->id, match.rule->message.source, match.variable);
  }
  const std::string_view score = anomaly_score(transaction);
  if (intervention.rule == nullptr) led = "a body is longer than the rules let pass";
  denial.reason = score.empty() ? led : fmt::format("anomaly score {}: {}", score, led);
  if (intervention.action == Disruptive::redirect) denial.headers.emplace_back("location", intervention.redirect);
  return denial;
}

}  // namespace bulwark::waf
