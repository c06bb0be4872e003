// Takes tokens apart.
#include "identity/jwt.h"

#include <algorithm>
#include <cctype>

#include "crypto/token.h"
#include "identity/jwks.h"
#include "identity/strict_json.h"

namespace bulwark::identity {
namespace {

constexpr json::ReadLimits kHeaderLimits{.max_bytes = kMaxTokenHeaderBytes, .max_depth = 4, .max_values = 64};
constexpr json::ReadLimits kPayloadLimits{.max_bytes = kMaxTokenBytes, .max_depth = 16, .max_values = 2'048};

Error bad(std::string_view what) { return client_error(Code::invalid, std::string(what)); }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// Explicit typing (RFC 8725 §3.11): tokens made for another purpose say so in `typ`.
bool acceptable_type(const json::Value& header) {
  const auto type = header.find("typ");
  if (!type) return true;
  std::string_view name = type->string();
  if (name.size() > 12 && same_word(name.substr(0, 12), "application/")) name.remove_prefix(12);
  return same_word(name, "JWT") || same_word(name, "at+jwt");
}

Result<void> read_header(std::string_view text, Token& token) {
  const auto document = TRY(parse_strict_object(text, kHeaderLimits));
  const json::Value header = document.root();
  // RFC 7515 §4.1.11: extensions marked critical that we do not know (we know none) make a token invalid. The others mean
  // encryption or compression, or an unencoded payload.
  for (const auto* name : {"crit", "enc", "zip", "b64"})
    if (header.find(name)) return bad(std::string("token header with ") + name);
  const auto algorithm = crypto::jose_algorithm(header.text("alg"));
  if (!algorithm) return bad("token with an algorithm that is not accepted");
  if (!acceptable_type(header)) return bad("token of another type");
  const auto kid = header.find("kid");
  if (kid && (kid->string().empty() || kid->string().size() > KeySet::kMaxKidBytes)) return bad("token with a malformed key id");
  token.algorithm = *algorithm;
  if (kid) token.kid = kid->string();
  return {};
}

}  // namespace

Result<Token> parse_token(std::string_view text) {
  if (text.size() > kMaxTokenBytes) return client_error(Code::too_large, "token too long");
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return bad("token not in three parts");
  const std::string header = TRY(crypto::base64url_decode(text.substr(0, first)));
  const std::string payload = TRY(crypto::base64url_decode(text.substr(first + 1, second - first - 1)));
  Token token{.payload = TRY(parse_strict_object(payload, kPayloadLimits))};
  TRY(read_header(header, token));
  token.signed_part = text.substr(0, second);
  token.signature = TRY(crypto::base64url_decode(text.substr(second + 1)));
  if (token.signature.empty()) return bad("token without a signature");
  return token;
}

}  // namespace bulwark::identity
