// API keys: "bwk_<id>_<secret>" with 64 bits of public id and 256 of secret. The file holds only SHA-256 digests
// (docs/formats/api-keys.md); a key in clear exists once, in the answer to its making.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/token.h"

namespace bulwark::identity {

/// Whom a key stands for. Times are seconds since 1970.
struct ApiKey {
  std::string id;           ///< 16 hex digits; no secret, named in events
  crypto::Digest digest{};  ///< SHA-256 of the whole key
  std::string user;
  std::string tenant;  ///< may be empty
  std::vector<std::string> roles;
  std::int64_t created = 0;
  std::int64_t expires = 0;  ///< 0: never
  std::int64_t revoked = 0;  ///< 0: not
};

struct NewApiKey {
  std::string user;
  std::string tenant;
  std::vector<std::string> roles;
  std::int64_t expires = 0;
};

/// The keys of one file, immutable while it serves requests.
class ApiKeys {
 public:
  static constexpr std::size_t kMaxFileBytes = 32 * 1024 * 1024;
  static constexpr std::size_t kMaxKeys = 100'000;
  static constexpr std::string_view kPrefix = "bwk_";

  /// Errors: origin config, with the line; one bad line refuses the file.
  static Result<ApiKeys> parse(std::string_view text);
  static Result<ApiKeys> load(const std::string& path);
  std::string text() const;
  /// Atomically, readable by the owner only.
  Result<void> save(const std::string& path) const;

  /// Why a presented key is refused, in words for the record; or the key. Takes the same time for any wrong secret.
  Result<const ApiKey*> verify(std::string_view presented, WallTime now) const;
  const std::vector<ApiKey>& keys() const { return keys_; }

  /// Adds a key and returns it in clear.
  Result<std::string> add(const NewApiKey& wanted, WallTime now);
  /// Errors: `not_found`.
  Result<void> revoke(std::string_view id, WallTime now);

 private:
  Result<void> insert(ApiKey key);
  std::vector<ApiKey> keys_;
  std::unordered_map<std::string, std::size_t> by_id_;
};

// What `bulwark key new|list|revoke` does; each holds the file's lock, so that two people lose nothing.
Result<std::string> new_api_key(const std::string& path, const NewApiKey& wanted, WallTime now);
Result<std::vector<ApiKey>> list_api_keys(const std::string& path);
Result<void> revoke_api_key(const std::string& path, std::string_view id, WallTime now);

}  // namespace bulwark::identity
