// Verified tokens by their SHA-256, until they expire or their issuer's keys change. An ES256 check costs some 100 µs, this
// a few hundred nanoseconds. Of fixed size: when a place is full, the token that expires soonest makes room.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "crypto/token.h"
#include "trace/principal.h"

namespace bulwark::identity {

struct VerifiedToken {
  trace::Principal principal;
  WallTime expires = 0;
  std::size_t issuer = 0;
  std::uint64_t generation = 0;  ///< of the issuer's keys when the signature was checked
};

/// Shared by all workers, lock-striped.
class TokenCache {
 public:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kStripes = 16;

  explicit TokenCache(std::size_t capacity);
  ~TokenCache();
  TokenCache(const TokenCache&) = delete;
  TokenCache& operator=(const TokenCache&) = delete;

  /// nullptr: not there, or expired.
  std::shared_ptr<const VerifiedToken> find(const crypto::Digest& token, WallTime now) const;
  void put(const crypto::Digest& token, std::shared_ptr<const VerifiedToken> verified);
  std::size_t capacity() const { return buckets_ * kWays; }

 private:
  struct Slot;
  struct Stripe;
  Slot* bucket(const crypto::Digest& token, Stripe*& stripe) const;
  std::size_t buckets_;
  std::unique_ptr<Stripe[]> stripes_;
};

}  // namespace bulwark::identity
