// From outcome to verdict, and the headers that go with it.
#include "identity/stage.h"

#include <algorithm>
#include <cctype>

namespace bulwark::identity {
namespace {

using gateway::Denial;
using gateway::Exchange;
using gateway::Phase;
using gateway::Verdict;

constexpr std::string_view kStage = "identity";
constexpr std::string_view kOurHeaders = "x-bulwark-";

struct Waited final : gateway::StageState {
  bool once = false;
};

/// CGI and WSGI turn '-' into '_', so an app may take X_Bulwark_User for ours.
bool is_ours(std::string_view name) {
  return name.size() >= kOurHeaders.size() && std::ranges::equal(kOurHeaders, name.substr(0, kOurHeaders.size()), {}, {},
                                                                 [](unsigned char c) { return c == '_' ? '-' : std::tolower(c); });
}

void strip_our_headers(Exchange& exchange) {
  for (const auto& header : exchange.request.headers.list)
    if (is_ours(header.name)) exchange.upstream_edits.remove(header.name);
}

std::string seconds_up(Duration duration) { return std::to_string(std::chrono::ceil<std::chrono::seconds>(duration).count()); }

void note_failure(Exchange& exchange, std::string_view rule, const std::string& reason) {
  exchange.add_finding({.stage = kStage,
                        .plane = events::Plane::identity,
                        .rule = std::string(rule),
                        .severity = events::Severity::medium,
                        .message = reason,
                        .event_class = events::Class::authentication});
}

}  // namespace

IdentityStage::IdentityStage(std::shared_ptr<Authenticator> authenticator, RouteSettings route, const control::Table* control)
    : authenticator_(std::move(authenticator)),
      route_(std::move(route)),
      control_(control),
      open_(route_.require == std::vector<std::string>{"none"}) {}

const gateway::StageInfo& IdentityStage::info() const {
  static constexpr gateway::StageInfo kInfo{kStage, gateway::bit(Phase::request_head), gateway::OnError::fail_closed};
  return kInfo;
}

Result<Verdict> IdentityStage::run(Phase, Exchange& exchange, std::size_t index) const {
  auto& waited = exchange.state<Waited>(index);
  if (!waited.once) strip_our_headers(exchange);
  const Presented credential = presented(exchange.request.headers);
  auto outcome = authenticator_->authenticate(credential, exchange.client.address, waited.once, [&] { return exchange.resumer(); });
  if (!outcome.ok() && !open_) return outcome.error();
  if (outcome.ok()) {
    switch (outcome->kind) {
      case Outcome::Kind::wait: waited.once = true; return Verdict::wait;
      case Outcome::Kind::refused:
      case Outcome::Kind::limited:
        note_failure(exchange, outcome->rule, outcome->reason);
        if (!open_) return refuse(exchange, *outcome);
        break;
      case Outcome::Kind::known: exchange.principal = std::move(outcome->principal); break;
      case Outcome::Kind::anonymous: break;
    }
  }
  tell_the_app(exchange, credential);
  return admit(exchange);
}

Verdict IdentityStage::refuse(Exchange& exchange, const Outcome& outcome) const {
  if (outcome.kind == Outcome::Kind::limited)
    return exchange.deny({.status = 429,
                          .stage = kStage,
                          .rule = std::string(outcome.rule),
                          .reason = outcome.reason,
                          .headers = {{"Retry-After", seconds_up(outcome.retry_after)}}});
  return exchange.deny({.status = 401,
                        .stage = kStage,
                        .rule = std::string(outcome.rule),
                        .reason = outcome.reason,
                        .headers = {{"WWW-Authenticate", "Bearer error=\"invalid_token\""}}});  // RFC 6750 §3
}

Verdict IdentityStage::admit(Exchange& exchange) const {
  const trace::Principal& principal = exchange.principal;
  if (!open_ && principal.anonymous())
    return exchange.deny({.status = 401,
                          .stage = kStage,
                          .rule = "identity.required",
                          .reason = "no credential that is known here",
                          .headers = {{"WWW-Authenticate", "Bearer"}}});
  if (control_ != nullptr && !principal.anonymous()) {
    const auto orders = control_->snapshot();
    if (const auto* entry = orders->refusal(exchange.client.address, &principal, exchange.started_wall))
      return exchange.deny({.status = 403,
                            .stage = kStage,
                            .rule = "control." + std::string(control::to_string(entry->kind)),
                            .reason = std::string(control::to_string(entry->subject)) + " is refused by " + entry->created_by});
  }
  if (!allowed(principal))
    return exchange.deny({.status = 403, .stage = kStage, .rule = "identity.role", .reason = "none of the roles that the route requires"});
  return Verdict::pass;
}

bool IdentityStage::allowed(const trace::Principal& principal) const {
  if (open_ || route_.require == std::vector<std::string>{"any"}) return true;
  return std::ranges::any_of(route_.require, [&](const auto& role) { return principal.has_role(role); });
}

void IdentityStage::tell_the_app(Exchange& exchange, const Presented& credential) const {
  const Settings& settings = authenticator_->settings();
  auto& edits = exchange.upstream_edits;
  if (credential.kind == Presented::Kind::api_key) {
    edits.remove("x-api-key");
    edits.remove("authorization");
  }
  if (credential.kind == Presented::Kind::token && !settings.forward_tokens) edits.remove("authorization");
  if (!settings.identity_headers || exchange.principal.anonymous()) return;
  edits.set("X-Bulwark-User", exchange.principal.user);
  if (!exchange.principal.tenant.empty()) edits.set("X-Bulwark-Tenant", exchange.principal.tenant);
  std::string roles;
  for (const auto& role : exchange.principal.roles) roles.append(roles.empty() ? "" : ",").append(role);
  if (!roles.empty()) edits.set("X-Bulwark-Roles", roles);
}

}  // namespace bulwark::identity
