// Judges a token's claims (RFC 7519 §4.1) and reads the principal from them.
#include <cmath>
#include <optional>

#include "identity/jwt.h"
#include "identity/names.h"

namespace bulwark::identity {
namespace {

constexpr double kLatestSeconds = 9e9;  ///< year 2255; past it nanoseconds would overflow

Error denied(std::string_view what) { return client_error(Code::denied, std::string(what)); }

/// A NumericDate (RFC 7519 §2), in nanoseconds. Errors: present but no sensible number.
Result<std::optional<WallTime>> date(const json::Value& payload, std::string_view name) {
  const auto member = payload.find(name);
  if (!member) return std::optional<WallTime>();
  const auto seconds = member->real();
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0 || *seconds > kLatestSeconds)
    return denied("token whose " + std::string(name) + " is no date");
  return std::optional<WallTime>(static_cast<WallTime>(*seconds * 1e9));
}

/// `aud` is one text or a list of texts.
bool for_audience(const json::Value& payload, const std::vector<std::string>& ours) {
  const auto audience = payload.find("aud");
  if (!audience) return false;
  const auto is_ours = [&ours](std::string_view name) {
    for (const auto& each : ours)
      if (each == name) return true;
    return false;
  };
  if (audience->is(json::Type::string)) return is_ours(audience->string());
  if (!audience->is(json::Type::array)) return false;
  for (const auto each : *audience)
    if (each.is(json::Type::string) && is_ours(each.string())) return true;
  return false;
}

/// A claim by its name as it stands, or through objects along its dots.
std::optional<json::Value> claim(const json::Value& payload, std::string_view name) {
  if (auto whole = payload.find(name)) return whole;
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto inner = payload.find(name.substr(0, dot));
  return inner ? claim(*inner, name.substr(dot + 1)) : std::nullopt;
}

/// A name given as text or, as some issuers do, as an integer. nullopt if it is anything else.
std::optional<std::string> name_of(const json::Value& value) {
  std::optional<std::string> name;
  if (value.is(json::Type::string)) name = std::string(value.string());
  if (value.integer()) name = std::string(value.number_text());
  return name && valid_name(*name) ? name : std::nullopt;
}

Result<void> add_role(std::string_view role, trace::Principal& principal) {
  if (!valid_role(role)) return denied("token with a malformed role");
  if (principal.roles.size() >= trace::Principal::kMaxRoles) return denied("token with too many roles");
  principal.roles.emplace_back(role);
  return {};
}

Result<void> read_roles(const json::Value& roles, trace::Principal& principal) {
  if (roles.is(json::Type::array)) {
    for (const auto each : roles) TRY(add_role(each.string(), principal));
    return {};
  }
  if (!roles.is(json::Type::string)) return denied("token whose roles are no list");
  std::string_view left = roles.string();
  while (!left.empty()) {
    const std::size_t end = std::min(left.find(' '), left.size());
    if (end > 0) TRY(add_role(left.substr(0, end), principal));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return {};
}

Result<trace::Principal> read_principal(const json::Value& payload, const IssuerSettings& rules) {
  trace::Principal principal{.credential = trace::Credential::jwt};
  const auto user = claim(payload, rules.user_claim);
  if (auto name = user ? name_of(*user) : std::nullopt) principal.user = std::move(*name);
  if (principal.user.empty()) return denied("token without a proper " + rules.user_claim);
  if (const auto tenant = claim(payload, rules.tenant_claim); tenant && !tenant->is(json::Type::null)) {
    auto name = name_of(*tenant);
    if (!name) return denied("token with a malformed " + rules.tenant_claim);
    principal.tenant = std::move(*name);
  }
  if (const auto roles = claim(payload, rules.roles_claim); roles && !roles->is(json::Type::null)) TRY(read_roles(*roles, principal));
  if (const auto id = payload.text("jti"); valid_name(id)) principal.credential_id = id;
  return principal;
}

}  // namespace

Result<Claims> judge_claims(const json::Value& payload, const IssuerSettings& rules, WallTime now) {
  const WallTime skew = std::chrono::nanoseconds(rules.clock_skew).count();
  if (payload.text("iss") != rules.issuer) return denied("token of another issuer");
  if (!for_audience(payload, rules.audiences)) return denied("token for another audience");
  const auto expires = TRY(date(payload, "exp"));
  const auto not_before = TRY(date(payload, "nbf"));
  const auto issued = TRY(date(payload, "iat"));
  if (!expires) return denied("token that never expires");
  if (now >= *expires + skew) return denied("token expired");
  if (not_before && now + skew < *not_before) return denied("token not valid yet");
  if (issued && now + skew < *issued) return denied("token issued in the future");
  return Claims{.principal = TRY(read_principal(payload, rules)), .expires = *expires + skew};
}

}  // namespace bulwark::identity
