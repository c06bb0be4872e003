// Equal literals have equal hashes, so that one value can be followed through the log by whoever holds the key and nobody else.
#include "database/audit/literals.h"

#include <algorithm>

#include "base/hex.h"
#include "crypto/mac.h"
#include "wire/json/writer.h"

namespace bulwark::database {
namespace {

constexpr std::size_t kHashBytes = 16;
constexpr std::string_view kMore = "\xe2\x80\xa6";
constexpr std::string_view kEncrypted = "(encrypted)";

std::string hashed(std::string_view literal, const crypto::Key& key) {
  const crypto::Digest digest = crypto::hmac_sha256(key, literal);
  return "h:" + crypto::base64url(crypto::as_bytes(digest).substr(0, kHashBytes));
}

std::string cut(std::string_view literal) {
  if (literal.size() <= kMaxLiteralBytes) return std::string(literal);
  return std::string(literal.substr(0, kMaxLiteralBytes)).append(kMore);
}

}  // namespace

std::string audited_literals(std::string_view text, std::span<const sql::Token> tokens, LiteralPolicy policy, const crypto::Key& key,
                             std::span<const std::uint32_t> encrypted) {
  std::string out;
  if (policy == LiteralPolicy::redact) return out;
  json::Writer json(out);
  json.begin_array();
  std::size_t count = 0;
  for (const sql::Token& token : tokens) {
    if (!token.literal()) continue;
    if (++count > kMaxLiterals) {
      json.value(kMore);
      break;
    }
    if (std::binary_search(encrypted.begin(), encrypted.end(), token.begin))
      json.value(kEncrypted);
    else
      json.value(policy == LiteralPolicy::hash ? hashed(token.in(text), key) : cut(token.in(text)));
  }
  json.end_array();
  return out;
}

std::string audited_parameters(const wire::postgres::BindMessage& bind, LiteralPolicy policy, const crypto::Key& key,
                               std::span<const std::uint32_t> encrypted) {
  std::string out;
  if (policy == LiteralPolicy::redact) return out;
  json::Writer json(out);
  json.begin_array();
  for (std::size_t i = 0; i < bind.values.size(); ++i) {
    if (i == kMaxLiterals) {
      json.value(kMore);
      break;
    }
    if (!bind.values[i]) {
      json.null();
      continue;
    }
    if (std::binary_search(encrypted.begin(), encrypted.end(), static_cast<std::uint32_t>(i + 1))) {
      json.value(kEncrypted);
      continue;
    }
    // Binary values are cut before they become twice as long.
    const std::string_view bytes = *bind.values[i];
    const std::string shown = bind.binary(i) ? "\\x" + to_hex(bytes.substr(0, kMaxLiteralBytes)) : std::string(bytes);
    json.value(policy == LiteralPolicy::hash ? hashed(bytes, key) : cut(shown));
  }
  json.end_array();
  return out;
}

}  // namespace bulwark::database
