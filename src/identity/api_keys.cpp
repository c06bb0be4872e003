// Making, reading and checking API keys.
#include "identity/api_keys.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/id.h"
#include "identity/names.h"
#include "trace/principal.h"

namespace bulwark::identity {
namespace {

constexpr std::string_view kFirstLine = "bulwark-api-keys 1";
constexpr std::size_t kIdChars = 16;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretChars = 43;
constexpr std::size_t kKeyChars = ApiKeys::kPrefix.size() + kIdChars + 1 + kSecretChars;
constexpr std::size_t kFields = 8;
constexpr std::int64_t kNanos = 1'000'000'000;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

bool read_seconds(std::string_view text, std::int64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= 0;
}

bool valid_id(std::string_view id) {
  return id.size() == kIdChars && std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// Why this key cannot be, or nothing.
std::string_view objection(const ApiKey& key) {
  if (!valid_id(key.id)) return "an id that is not 16 hex digits";
  if (!valid_name(key.user)) return "a user name that is empty, too long or has control characters";
  if (!key.tenant.empty() && !valid_name(key.tenant)) return "a tenant name that is too long or has control characters";
  if (key.roles.size() > trace::Principal::kMaxRoles) return "too many roles";
  if (!std::ranges::all_of(key.roles, valid_role)) return "a role that is empty, too long or has commas or control characters";
  return {};
}

Result<ApiKey> parse_line(std::string_view line) {
  const auto fields = split(line, '\t');
  if (fields.size() != kFields) return config_error("not 8 fields separated by tabs");
  ApiKey key;
  key.id = fields[0];
  const auto digest = crypto::base64url_decode(fields[1]);
  if (!digest.ok() || digest->size() != key.digest.size()) return config_error("a digest that is not SHA-256 in base64url");
  std::ranges::copy(*digest, key.digest.begin());
  key.user = fields[2];
  key.tenant = fields[3];
  if (!fields[4].empty())
    for (const auto role : split(fields[4], ',')) key.roles.emplace_back(role);
  if (!read_seconds(fields[5], key.created) || !read_seconds(fields[6], key.expires) || !read_seconds(fields[7], key.revoked))
    return config_error("a time that is not a number of seconds");
  return key;
}

}  // namespace

Result<void> ApiKeys::insert(ApiKey key) {
  if (keys_.size() >= kMaxKeys) return config_error("too many API keys");
  if (const auto why = objection(key); !why.empty()) return config_error("API key with " + std::string(why));
  if (!by_id_.emplace(key.id, keys_.size()).second) return config_error("two API keys of one id");
  keys_.push_back(std::move(key));
  return {};
}

Result<ApiKeys> ApiKeys::parse(std::string_view text) {
  if (text.size() > kMaxFileBytes) return config_error("API key file too large");
  if (!text.ends_with('\n')) return config_error("API key file is cut off: its last line has no end");
  const auto lines = split(text.substr(0, text.size() - 1), '\n');
  if (lines[0] != kFirstLine) return config_error("not an API key file: its first line is not '" + std::string(kFirstLine) + "'");
  ApiKeys keys;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    auto key = parse_line(lines[i]);
    const auto done = key.ok() ? keys.insert(std::move(*key)) : Result<void>(key.error());
    if (!done.ok()) return config_error(fmt::format("line {}: {}", i + 1, done.error().message));
  }
  return keys;
}

std::string ApiKeys::text() const {
  std::string out(kFirstLine);
  out.push_back('\n');
  for (const auto& key : keys_) {
    std::string roles;
    for (const auto& role : key.roles) roles.append(roles.empty() ? "" : ",").append(role);
    out += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", key.id, crypto::base64url(crypto::as_bytes(key.digest)), key.user, key.tenant,
                       roles, key.created, key.expires, key.revoked);
  }
  return out;
}

Result<const ApiKey*> ApiKeys::verify(std::string_view presented, WallTime now) const {
  static const ApiKey nobody;  // an unknown id costs what a wrong secret costs
  if (presented.size() != kKeyChars || !presented.starts_with(kPrefix)) return client_error(Code::denied, "malformed API key");
  const auto found = by_id_.find(std::string(presented.substr(kPrefix.size(), kIdChars)));
  const ApiKey& key = found == by_id_.end() ? nobody : keys_[found->second];
  const bool same = crypto::equal_constant_time(crypto::as_bytes(crypto::sha256(presented)), crypto::as_bytes(key.digest));
  if (!same || found == by_id_.end()) return client_error(Code::denied, "unknown API key");
  if (key.revoked != 0) return client_error(Code::denied, "revoked API key " + key.id);
  if (key.expires != 0 && now / kNanos >= key.expires) return client_error(Code::denied, "expired API key " + key.id);
  return &key;
}

Result<std::string> ApiKeys::add(const NewApiKey& wanted, WallTime now) {
  std::string secret(kSecretBytes, '\0');
  secure_random(secret.data(), secret.size());
  ApiKey key{.id = Id<8>::random().hex(),
             .user = wanted.user,
             .tenant = wanted.tenant,
             .roles = wanted.roles,
             .created = now / kNanos,
             .expires = wanted.expires};
  std::string clear = std::string(kPrefix).append(key.id).append("_").append(crypto::base64url(secret));
  key.digest = crypto::sha256(clear);
  TRY(insert(std::move(key)));
  return clear;
}

Result<void> ApiKeys::revoke(std::string_view id, WallTime now) {
  const auto found = by_id_.find(std::string(id));
  if (found == by_id_.end()) return client_error(Code::not_found, "no API key of this id");
  ApiKey& key = keys_[found->second];
  if (key.revoked == 0) key.revoked = std::max<std::int64_t>(now / kNanos, 1);
  return {};
}

}  // namespace bulwark::identity
