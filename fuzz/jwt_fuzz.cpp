// Tokens: no input crashes the parser, and what it takes apart has the parts it says.
#include "base/check.h"
#include "identity/jwt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulwark;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto token = identity::parse_token(text);
  if (!token.ok()) return 0;
  CHECK(text.starts_with(token->signed_part) && !token->signature.empty());
  const identity::IssuerSettings rules{.issuer = std::string(token->issuer()), .audiences = {"shop"}, .roles_claim = "realm.roles"};
  const auto claims = identity::judge_claims(token->payload.root(), rules, 1'800'000'000'000'000'000);
  if (claims.ok()) CHECK(!claims->principal.anonymous() && claims->principal.roles.size() <= trace::Principal::kMaxRoles);
  return 0;
}
